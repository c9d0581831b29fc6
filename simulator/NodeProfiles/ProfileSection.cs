using System.Globalization;
using Monitoring.Simulator.State;
using YamlDotNet.RepresentationModel;

namespace Monitoring.Simulator.NodeProfiles;

/// <summary>
/// A mapping of a profile, with layers: what a device says overrides what all devices say. A value that does not fit
/// is reported and replaced by the default, so that one reading finds every error.
/// </summary>
internal sealed class ProfileSection(ProfileDocument document, string path, IReadOnlyList<ProfileLayer> layers)
{
    public ProfileDocument Document => document;

    public string Path => path;

    public bool Has(string key) => Find(key) is not null;

    /// <summary>This section's values over those of another one.</summary>
    public ProfileSection Over(ProfileSection defaults) => new(document, path, [.. layers, .. defaults.Layers]);

    private IReadOnlyList<ProfileLayer> Layers => layers;

    public ProfileSection Section(string key)
    {
        var found = new List<ProfileLayer>();
        foreach (var layer in layers)
            if (Find(layer, key) is { } node)
            {
                if (node is YamlMappingNode mapping) found.Add(new ProfileLayer($"{Prefix(layer.Path)}{key}", mapping));
                else Error(node, key, "a mapping of keys");
            }
        return new ProfileSection(document, Full(key), found);
    }

    /// <summary>The mappings of a list; empty if the key is absent.</summary>
    public IReadOnlyList<ProfileSection> Items(string key)
    {
        var items = new List<ProfileSection>();
        if (Find(key) is not { } node || IsNothing(node)) return items;
        if (node is not YamlSequenceNode list)
        {
            Error(node, key, "a list");
            return items;
        }
        foreach (var (index, item) in list.Children.Index())
            if (item is YamlMappingNode mapping) items.Add(new ProfileSection(document, $"{Full(key)}[{index}]", [new ProfileLayer($"{Full(key)}[{index}]", mapping)]));
            else document.Add(item, $"{Full(key)}[{index}]", item.ToString(), "a mapping of keys");
        return items;
    }

    /// <summary>Keys and scalar values of a mapping whose keys are data, such as function names.</summary>
    public IEnumerable<(string Key, string Value, YamlNode Node)> Entries()
    {
        foreach (var (key, value) in layers.SelectMany(layer => layer.Node.Children))
        {
            document.MarkRead(key);
            yield return (key.ToString(), value.ToString(), key);
        }
    }

    /// <summary>Scalars of a list; empty if the key is absent.</summary>
    public IReadOnlyList<(string Value, YamlNode Node)> Values(string key)
    {
        if (Find(key) is not { } node || IsNothing(node)) return [];
        if (node is YamlSequenceNode list) return [.. list.Children.Select(item => (item.ToString(), item))];
        Error(node, key, "a list");
        return [];
    }

    public string Text(string key, string otherwise, int maximumLength = 95)
    {
        if (Find(key) is not YamlScalarNode { Value: { } text } node || IsNothing(node)) return otherwise;
        if (System.Text.Encoding.UTF8.GetByteCount(text) <= maximumLength) return text;
        Error(node, key, $"at most {maximumLength} bytes");
        return otherwise;
    }

    /// <summary>An unsigned number, also in hexadecimal; "N/A" means that the board does not have it.</summary>
    public uint UInt(string key, uint otherwise, uint maximum = uint.MaxValue)
    {
        var value = Wide(key, otherwise == Absent.Value ? Absent.Wide : otherwise, maximum);
        return value == Absent.Wide ? Absent.Value : (uint)value;
    }

    public ulong Wide(string key, ulong otherwise, ulong maximum = ulong.MaxValue)
    {
        if (Find(key) is not { } node) return otherwise;
        if (IsNothing(node)) return Absent.Wide;
        var text = node.ToString();
        var parsed = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? ulong.TryParse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var value)
            : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
        if (parsed && value <= maximum) return value;
        Error(node, key, maximum == ulong.MaxValue ? "a whole number from 0, or N/A" : $"a whole number from 0 to {maximum}, or N/A");
        return otherwise;
    }

    public int Signed(string key, int otherwise, int minimum, int maximum)
    {
        if (Find(key) is not { } node) return otherwise;
        if (IsNothing(node)) return Absent.Signed;
        if (int.TryParse(node.ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= minimum && value <= maximum) return value;
        Error(node, key, $"a whole number from {minimum} to {maximum}, or N/A");
        return otherwise;
    }

    public double Number(string key, double otherwise, double minimum, double maximum)
    {
        if (Find(key) is not { } node) return otherwise;
        if (IsNothing(node)) return double.NaN;
        if (double.TryParse(node.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= minimum && value <= maximum) return value;
        Error(node, key, string.Create(CultureInfo.InvariantCulture, $"a number from {minimum} to {maximum}, or N/A"));
        return otherwise;
    }

    /// <summary>A word out of a list, in any case.</summary>
    public T OneOf<T>(string key, T otherwise, T absent, params ReadOnlySpan<(string Word, T Value)> words)
    {
        if (Find(key) is not { } node) return otherwise;
        if (IsNothing(node)) return absent;
        var expected = new List<string>();
        foreach (var (word, value) in words)
        {
            if (word.Equals(node.ToString(), StringComparison.OrdinalIgnoreCase)) return value;
            expected.Add(word);
        }
        Error(node, key, $"one of {string.Join(", ", expected)}");
        return otherwise;
    }

    /// <summary>A mode: enabled or disabled, true or false, N/A.</summary>
    public uint Mode(string key, uint otherwise) =>
        OneOf(key, otherwise, Absent.Value, ("enabled", 1u), ("disabled", 0u), ("true", 1u), ("false", 0u));

    public void Error(string key, string expected) => Error(Find(key), key, expected);

    private void Error(YamlNode? node, string key, string expected) => document.Add(node, Full(key), node is YamlScalarNode ? node.ToString() : node is null ? "absent" : "not a single value", expected);

    /// <summary>The key with the path of the layer that says it, or of the section where none does.</summary>
    private string Full(string key) => Prefix(layers.FirstOrDefault(layer => Find(layer, key) is not null)?.Path ?? path) + key;

    private static string Prefix(string path) => path.Length == 0 ? "" : path + ".";

    private YamlNode? Find(string key)
    {
        YamlNode? found = null;
        foreach (var layer in layers)
            if (Find(layer, key) is { } node)
                found ??= node;
        return found;
    }

    private YamlNode? Find(ProfileLayer layer, string key)
    {
        foreach (var (name, value) in layer.Node.Children)
            if (name is YamlScalarNode { Value: { } text } && text == key)
            {
                document.MarkRead(name);
                return value;
            }
        return null;
    }

    private static bool IsNothing(YamlNode node) =>
        node is YamlScalarNode { Style: not (YamlDotNet.Core.ScalarStyle.SingleQuoted or YamlDotNet.Core.ScalarStyle.DoubleQuoted), Value: null or "" or "~" or "null" }
            or YamlScalarNode { Value: "N/A" or "[N/A]" };
}

/// <summary>One place that says something about a section, with its own path.</summary>
internal sealed record ProfileLayer(string Path, YamlMappingNode Node);
