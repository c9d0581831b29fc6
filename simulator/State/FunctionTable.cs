using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Monitoring.Simulator.State;

/// <summary>The functions of the library by name, with their places in the fault tables: read from native/functions.def.</summary>
internal static partial class FunctionTable
{
    private static readonly FrozenDictionary<string, int> Indexes = Read();

    public static IEnumerable<string> Names => Indexes.Keys;

    /// <summary>The place of a function; an unknown name is refused with the nearest known ones.</summary>
    public static int IndexOf(string function)
    {
        if (Indexes.TryGetValue(function, out var index)) return index;
        var near = Indexes.Keys.Where(name => name.Contains(function.Replace("nvmlDeviceGet", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase)).Order().Take(3).ToList();
        throw new ArgumentException($"'{function}' is not a function of the simulated library{(near.Count == 0 ? "" : $"; did you mean {string.Join(", ", near)}?")}", nameof(function));
    }

    public static bool Contains(string function) => Indexes.ContainsKey(function);

    private static FrozenDictionary<string, int> Read()
    {
        using var stream = typeof(FunctionTable).Assembly.GetManifestResourceStream("functions.def")
            ?? throw new InvalidOperationException("functions.def is not embedded in the simulator");
        using var reader = new StreamReader(stream);
        return Entry().Matches(reader.ReadToEnd()).Select((match, index) => (Name: match.Groups[1].Value, index))
            .ToFrozenDictionary(entry => entry.Name, entry => entry.index);
    }

    [GeneratedRegex(@"FUNCTION\((\w+), \d+\)")]
    private static partial Regex Entry();
}
