using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Monitoring.Elasticsearch.Logs;

/// <summary>Whose log lines they are: what is the same in each document.</summary>
/// <param name="Dataset">Such as <c>gpu.agent</c>.</param>
/// <param name="Service">Name of the program.</param>
/// <param name="Version">Its version.</param>
/// <param name="Node">The node that it runs on.</param>
/// <param name="Cluster">The cluster; empty for none.</param>
/// <param name="Life">Stands for this life of the process, so that its numbered lines have ids of their own.</param>
public sealed record LogOrigin(string Dataset, string Service, string Version, string Node, string Cluster, string Life)
{
    /// <summary>Longest namespace; with the rest of a name it must stay below 255 bytes.</summary>
    public const int LongestNamespace = 100;

    /// <summary>What a namespace has to look like, as the expectation of a setting.</summary>
    public static string NamespaceForm { get; } = $"1 to {LongestNamespace} lower-case letters, digits and _, beginning with a letter, such as default";

    /// <summary>What is searched under the same name, kept apart; as elsewhere in this product.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>Whether it is an agent that speaks, which the common schema has a field for.</summary>
    public bool IsAgent => Dataset == "gpu.agent";

    /// <summary>Whether a text may be the last part of the names of streams.</summary>
    public static bool IsNamespace(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length is >= 1 and <= LongestNamespace && char.IsAsciiLetterLower(text[0]) && text.All(static letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '_');
    }

    /// <summary>The life of a process on a node, in a word.</summary>
    public static string LifeOf(string node, int processId, DateTimeOffset start)
    {
        // 80 bits: enough for the starts of all processes of a fleet, and short in each id.
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{node}\n{processId}\n{start.UtcTicks}")));
        return Convert.ToHexStringLower(hash.AsSpan(0, 10));
    }

    /// <summary>The index of a line, which follows from its time alone: every attempt to store it meets the same one.</summary>
    public string IndexOf(DateTimeOffset time) => string.Create(CultureInfo.InvariantCulture, $"logs-{Dataset}-{Namespace}-{time.UtcDateTime:yyyy.MM.dd}-000001");

    /// <summary>The id of a line of this life.</summary>
    public string IdOf(long number) => string.Create(CultureInfo.InvariantCulture, $"{Life}-{number}");
}
