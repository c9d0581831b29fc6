using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>Whether documents fit a mapping, in the words of the servers.</summary>
/// <param name="root">The mapping.</param>
/// <param name="flavour">Whose words.</param>
/// <param name="fieldLimit">Most fields, those that documents bring included.</param>
internal sealed class FakeMapping(FakeField root, ServerFlavour flavour, int fieldLimit)
{
    private int _fields = root.Count - 1;

    internal FakeField Root => root;

    /// <returns>The error of the item; null where the document fits, its new fields being part of the mapping from now on.</returns>
    internal JsonObject? Check(ReadOnlyMemory<byte> source, string id)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(source);
        }
        catch (JsonException exception)
        {
            return Error("failed to parse", ErrorJson.Of("json_parse_exception", exception.Message));
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return Error("failed to parse", ErrorJson.Of("not_x_content_exception", "Compressor detection can only be called on some xcontent bytes or compressed xcontent bytes"));
            List<(FakeField Parent, string Name, FakeField Child)> added = [];
            if (CheckObject(document.RootElement, root, "", "true", id, added) is { } error) return error;
            if (added.Count > 0 && _fields + added.Sum(static one => one.Child.Count) > fieldLimit)
                return ErrorJson.Of("illegal_argument_exception", $"Limit of total fields [{fieldLimit}] has been exceeded{(flavour.IsOpenSearch || flavour.Major < 8 ? "" : " while adding new fields [1]")}");
            foreach (var (parent, name, child) in added)
            {
                if (parent.Children.TryAdd(name, child)) _fields += child.Count;
            }

            return null;
        }
    }

    private JsonObject? CheckObject(JsonElement value, FakeField field, string path, string dynamic, string id, List<(FakeField, string, FakeField)> added)
    {
        dynamic = field.Dynamic ?? dynamic;
        foreach (var member in value.EnumerateObject())
        {
            // Dots in names are objects.
            var (parent, prefix) = (field, path);
            var parts = member.Name.Split('.');
            foreach (var part in parts[..^1])
            {
                if (!parent.Children.TryGetValue(part, out var below)) break;
                (parent, prefix) = (below, prefix + part + ".");
                dynamic = below.Dynamic ?? dynamic;
            }

            var name = parts[^1];
            var full = path + member.Name;
            if (!parent.Children.TryGetValue(name, out var child) || prefix + name != full)
            {
                if (dynamic is "strict" or "strict_allow_templates")
                    return ErrorJson.Of("strict_dynamic_mapping_exception", $"{Place}mapping set to strict, dynamic introduction of [{name}] within [{(path is "" ? "_doc" : path.TrimEnd('.'))}] is not allowed");
                if (dynamic == "false") continue;
                if (Infer(member.Value) is not { } inferred) continue;
                added.Add((parent, name, inferred));
                child = inferred;
            }

            if (CheckValue(member.Value, child, full, dynamic, id, added) is { } error) return error;
        }

        return null;
    }

    private JsonObject? CheckValue(JsonElement value, FakeField field, string path, string dynamic, string id, List<(FakeField, string, FakeField)> added)
    {
        if (value.ValueKind == JsonValueKind.Null || !field.IsEnabled) return null;
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray())
            {
                if (CheckValue(item, field, path, dynamic, id, added) is { } error) return error;
            }

            return null;
        }

        if (field.IsObject)
        {
            return value.ValueKind == JsonValueKind.Object
                ? CheckObject(value, field, path + ".", dynamic, id, added)
                : ErrorJson.Of(flavour.ParsingError, $"{Place}object mapping for [{path}] tried to parse field [{path[(path.LastIndexOf('.') + 1)..]}] as object, but found a concrete value");
        }

        if (field.Type is "flattened" or "flat_object")
            return value.ValueKind == JsonValueKind.Object ? null : Misfit(value, field, path, id, "illegal_argument_exception", "Failed to parse object: expecting token of type [START_OBJECT] but found [VALUE_STRING]");
        if (value.ValueKind == JsonValueKind.Object)
            return Misfit(value, field, path, id, "illegal_state_exception", "Can't get text on a START_OBJECT at 1:1");
        if (field.Type == "constant_keyword")
        {
            field.Constant ??= value.ToString();
            return field.Constant == value.ToString() ? null : Misfit(value, field, path, id, "illegal_argument_exception",
                $"[constant_keyword] field [{path}] only accepts values that are equal to the value defined in the mappings [{field.Constant}], but got [{value}]");
        }

        return field.IgnoresMalformed || Fits(value, field.Type) ? null : Misfit(value, field, path, id, "illegal_argument_exception", field.Type switch
        {
            "date" or "date_nanos" => $"failed to parse date field [{value}] with format [strict_date_optional_time||epoch_millis]",
            "boolean" => $"Failed to parse value [{value}] as only [true] or [false] are allowed.",
            "ip" => $"'{value}' is not an IP string literal.",
            _ => $"For input string: \"{value}\"",
        });
    }

    private static bool Fits(JsonElement value, string type)
    {
        var text = value.ToString();
        return type switch
        {
            "byte" => Whole(sbyte.MinValue, sbyte.MaxValue),
            "short" => Whole(short.MinValue, short.MaxValue),
            "integer" => Whole(int.MinValue, int.MaxValue),
            "long" => Whole(long.MinValue, long.MaxValue),
            "unsigned_long" => ulong.TryParse(text, CultureInfo.InvariantCulture, out _),
            "double" or "float" or "half_float" or "scaled_float" => value.ValueKind is JsonValueKind.Number or JsonValueKind.String && double.TryParse(text, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number),
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False || text is "true" or "false" or "",
            "date" or "date_nanos" => value.ValueKind == JsonValueKind.Number || DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _) || long.TryParse(text, CultureInfo.InvariantCulture, out _),
            "ip" => IPAddress.TryParse(text, out _),
            _ => true,
        };

        // A fraction is cut off, as coercion does.
        bool Whole(long least, long most) => value.ValueKind is JsonValueKind.Number or JsonValueKind.String
            && (long.TryParse(text, CultureInfo.InvariantCulture, out var whole) ? whole >= least && whole <= most
                : decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var fraction) && fraction >= least && fraction <= most);
    }

    private static FakeField? Infer(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => new FakeField(value.TryGetInt64(out _) ? "long" : "float"),
        JsonValueKind.String => new FakeField("text"),
        JsonValueKind.True or JsonValueKind.False => new FakeField("boolean"),
        JsonValueKind.Object => new FakeField("object"),
        JsonValueKind.Array => value.EnumerateArray().Select(Infer).FirstOrDefault(static field => field is not null),
        _ => null,
    };

    /// <summary>Elasticsearch says from 8 on where in the document; here it is its beginning.</summary>
    private string Place => flavour.IsOpenSearch || flavour.Major < 8 ? "" : "[1:1] ";

    private JsonObject Misfit(JsonElement value, FakeField field, string path, string id, string causeType, string cause)
    {
        var preview = value.ValueKind == JsonValueKind.Object ? "{" + string.Join(", ", value.EnumerateObject().Select(static member => $"{member.Name}={member.Value}")) + "}" : value.ToString();
        return Error($"failed to parse field [{path}] of type [{field.Type}] in document with id '{id}'. Preview of field's value: '{preview}'", ErrorJson.Of(causeType, cause));
    }

    private JsonObject Error(string reason, JsonObject cause)
    {
        var error = ErrorJson.Of(flavour.ParsingError, Place + reason);
        error["caused_by"] = cause;
        return error;
    }
}
