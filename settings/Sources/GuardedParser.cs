using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Monitoring.Settings.Sources;

/// <summary>
/// YamlDotNet's parser with its faults made complaints about the input: on some malformed files, such as a bracket that is
/// never closed, it throws <see cref="InvalidOperationException"/> without a place instead of <see cref="YamlException"/>.
/// </summary>
internal sealed class GuardedParser(IParser parser) : IParser
{
    public ParsingEvent? Current => parser.Current;

    public bool MoveNext()
    {
        try
        {
            return parser.MoveNext();
        }
        catch (Exception fault) when (fault is not (YamlException or OutOfMemoryException))
        {
            var place = parser.Current;
            throw new YamlException(place?.Start ?? Mark.Empty, place?.End ?? Mark.Empty, "the text from here on cannot be understood", fault);
        }
    }
}
