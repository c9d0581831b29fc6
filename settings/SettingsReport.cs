using System.Globalization;
using System.Text;
using Monitoring.Settings.Documents;
using Monitoring.Settings.Loading;
using Monitoring.Settings.Schema;

namespace Monitoring.Settings;

/// <summary>The effective settings, for a command that checks the configuration.</summary>
public static class SettingsReport
{
    /// <summary>
    /// One line per key: <c>sampling.fast_interval = 100ms  # default</c>, with who set it; secrets are masked. Where the
    /// configuration is wrong, the errors, one line each.
    /// </summary>
    public static string Text<T>(SettingsLoad<T> load) where T : class
    {
        if (load.Value is null)
            return string.Concat(load.Errors.Select(static error => $"{error}\n"));
        var lines = Lines("", SectionSchema.Of(typeof(T)), load.Value).ToArray();
        var width = Math.Min(MaximumWidth, lines.Max(static line => line.Text.Length));
        var text = new StringBuilder();
        foreach (var (key, line) in lines)
            text.Append(CultureInfo.InvariantCulture, $"{line.PadRight(width)}  # {RuleCheck.OriginOf(key, load.Origins)}\n");
        return text.ToString();
    }

    /// <summary>One long list does not push every origin off the screen.</summary>
    private const int MaximumWidth = 60;

    private static IEnumerable<(string Key, string Text)> Lines(string prefix, SectionSchema schema, object section)
    {
        foreach (var property in schema.Properties)
        {
            var key = prefix + property.Name;
            var value = property.Property.GetValue(section);
            var inner = property.Shape switch
            {
                PropertyShape.Section => value is null ? [] : Lines(key + ".", property.Section, value),
                PropertyShape.SectionList when Collection.Items(value) is [_, ..] elements =>
                    elements.SelectMany((element, index) => Lines($"{key}.{index}.", property.Section, element)),
                PropertyShape.Map when Collection.Entries(value).Any() => Entries(key, property, value),
                _ => [(key, $"{key} = {SettingText.Yaml(property, value) ?? "(not set)"}")],
            };
            foreach (var line in inner)
                yield return line;
        }
    }

    /// <summary>An entry each: different sources may have set them.</summary>
    private static IEnumerable<(string Key, string Text)> Entries(string key, PropertySchema property, object? map) =>
        Collection.Entries(map).Select(entry => ($"{key}.{entry.Key}", $"{key}.{entry.Key} = {SettingText.Element(property, entry.Value)}"));
}
