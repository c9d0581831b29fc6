using System.Globalization;
using System.Text;
using Monitoring.Settings.Documents;
using Monitoring.Settings.Loading;
using Monitoring.Settings.Schema;
using Monitoring.Settings.Sources;

namespace Monitoring.Settings;

/// <summary>Documentation made from a settings class, so that it cannot say anything else than the loader does.</summary>
public static class SettingsDocument
{
    /// <summary>One table per section: key, type, default, limits, environment variable, help.</summary>
    /// <param name="title">Heading, such as <c>Agent</c>; level two, sections below it level three.</param>
    /// <param name="environmentPrefix">Prefix of the variables, such as <c>GPU_AGENT_</c>.</param>
    public static string Markdown<T>(string title, string environmentPrefix) where T : class, new()
    {
        var text = new StringBuilder();
        var schema = SectionSchema.Of(typeof(T));
        MarkdownSection(text, schema, new T(), "", $"## {title}", HelpOf(schema), environmentPrefix);
        return text.ToString();
    }

    /// <summary>
    /// A configuration file with every key at its default and commented out (<c>#key: value</c>; explanations are <c># text</c>),
    /// so that a later version's defaults reach those who never changed a value.
    /// </summary>
    /// <param name="heading">Comment lines at the top; empty for none.</param>
    public static string Yaml<T>(string heading = "") where T : class, new()
    {
        var text = new StringBuilder();
        foreach (var line in heading.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            text.Append(CultureInfo.InvariantCulture, $"# {line}\n");
        YamlSection(text, SectionSchema.Of(typeof(T)), new T(), "", isExample: false);
        return text.ToString();
    }

    private static void MarkdownSection(StringBuilder text, SectionSchema schema, object defaults, string prefix, string heading, string help, string environmentPrefix)
    {
        text.Append(CultureInfo.InvariantCulture, $"{heading}\n\n");
        if (help is not "")
            text.Append(CultureInfo.InvariantCulture, $"{help}\n\n");
        var rows = schema.Properties.Where(static property => property.Shape != PropertyShape.Section).ToArray();
        if (rows is not [])
            text.Append("| key | type | default | limits | environment variable | meaning |\n|---|---|---|---|---|---|\n");
        foreach (var property in rows)
        {
            var value = property.IsSecret ? null : SettingText.Yaml(property, property.Property.GetValue(defaults));
            text.Append(CultureInfo.InvariantCulture, $"| `{prefix}{property.Name}` | {SettingText.TypeOf(property)} | {(value is null ? "" : $"`{Cell(value)}`")} | {SettingText.LimitsOf(property)} | {VariableOf(property, prefix, environmentPrefix)} | {Cell(property.Help)} |\n");
        }

        if (rows is not [])
            text.Append('\n');
        foreach (var property in schema.Properties.Where(static property => property.Shape is PropertyShape.Section or PropertyShape.SectionList))
        {
            var inner = property.Shape == PropertyShape.Section ? property.Property.GetValue(defaults) : null;
            var key = prefix + property.Name + (property.Shape == PropertyShape.Section ? "" : "[]");
            MarkdownSection(text, property.Section, inner ?? property.Section.Create(), key + ".", $"### `{key}`", property.Help, environmentPrefix);
        }
    }

    private static void YamlSection(StringBuilder text, SectionSchema schema, object values, string indentation, bool isExample)
    {
        foreach (var property in schema.Properties)
        {
            var value = property.Property.GetValue(values);
            var limits = SettingText.LimitsOf(property) is { Length: > 0 } words ? $" ({words})" : "";
            text.Append('\n');
            if (property.Help is not "")
                text.Append(CultureInfo.InvariantCulture, $"{indentation}# {property.Help}{limits}\n");
            switch (property.Shape)
            {
                case PropertyShape.Section:
                    text.Append(CultureInfo.InvariantCulture, $"{indentation}{(isExample ? "#" : "")}{property.Name}:\n");
                    YamlSection(text, property.Section, value ?? property.Section.Create(), indentation + "  ", isExample);
                    break;
                case PropertyShape.SectionList:
                    YamlSectionList(text, property, Collection.Items(value), indentation);
                    break;
                default:
                    var written = property.IsSecret ? null : SettingText.Yaml(property, value);
                    text.Append(CultureInfo.InvariantCulture, $"{indentation}#{property.Name}:{(written is null ? "" : " ")}{written}\n");
                    break;
            }
        }
    }

    /// <summary>The default elements, or one element to show its keys, a line each.</summary>
    private static void YamlSectionList(StringBuilder text, PropertySchema property, object[] elements, string indentation)
    {
        text.Append(CultureInfo.InvariantCulture, $"{indentation}#{property.Name}:{(elements is [] ? " []" : "")}\n");
        foreach (var element in elements is [] ? [property.Section.Create()] : elements)
        {
            var start = "- ";
            foreach (var inner in property.Section.Properties)
            {
                var written = inner.IsSecret ? null : SettingText.Yaml(inner, inner.Property.GetValue(element));
                var key = $"{start}{inner.Name}:{(written is null ? "" : " ")}{written}";
                text.Append(CultureInfo.InvariantCulture, $"{indentation}#  {key.PadRight(30)}  # {inner.Help}\n");
                start = "  ";
            }
        }
    }

    private static string VariableOf(PropertySchema property, string prefix, string environmentPrefix) =>
        property.Shape == PropertyShape.SectionList ? "" : $"`{EnvironmentSource.NameOf(environmentPrefix, prefix + property.Name)}`";

    private static string HelpOf(SectionSchema schema) =>
        schema.Type.GetCustomAttributes(typeof(SettingsSectionAttribute), inherit: false) is [SettingsSectionAttribute section] ? section.Help : "";

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
