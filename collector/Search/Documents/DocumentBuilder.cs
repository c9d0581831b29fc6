using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Monitoring.Collector.Search.Documents;

/// <summary>
/// Collects the fields of a document by their full names and writes it as one line of JSON, objects within objects and names in order: the
/// same fields give the same bytes. What is null, empty or no number is left out.
/// </summary>
internal sealed class DocumentBuilder
{
    // Never part of a page, so quotes and letters beyond ASCII need no escapes.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // With the value's 1024 characters it stays one term.
    private const int LongestMapKey = 128;

    private readonly List<(string Name, object Value)> fields = [];

    /// <summary>A word, cut to what is found.</summary>
    public void Word(string name, string? value)
    {
        if (!string.IsNullOrEmpty(value)) fields.Add((name, DocumentText.Cut(value, DocumentFields.LongestKeyword)));
    }

    /// <summary>Words; a single one where the list has one.</summary>
    public void Words(string name, IEnumerable<string?> values)
    {
        string[] words = [.. values.Where(static value => !string.IsNullOrEmpty(value)).Select(static value => DocumentText.Cut(value!, DocumentFields.LongestKeyword))];
        if (words.Length > 0) fields.Add((name, words));
    }

    /// <summary>A sentence.</summary>
    public void Sentence(string name, string? value)
    {
        if (!string.IsNullOrEmpty(value)) fields.Add((name, DocumentText.Cut(value, DocumentText.LongestSentence)));
    }

    /// <summary>A long word that is found by any part.</summary>
    public void Line(string name, string? value)
    {
        if (!string.IsNullOrEmpty(value)) fields.Add((name, DocumentText.Cut(value, DocumentText.LongestWildcard)));
    }

    /// <summary>A whole number.</summary>
    public void Whole(string name, long? value)
    {
        if (value is { } number) fields.Add((name, number));
    }

    /// <summary>Whole numbers.</summary>
    public void Wholes(string name, IEnumerable<long> values)
    {
        long[] numbers = [.. values];
        if (numbers.Length > 0) fields.Add((name, numbers));
    }

    /// <summary>A number.</summary>
    public void Number(string name, double? value)
    {
        if (value is { } number && double.IsFinite(number)) fields.Add((name, number));
    }

    /// <summary>Yes or no.</summary>
    public void Flag(string name, bool value) => fields.Add((name, value));

    /// <summary>A time, in UTC.</summary>
    public void Time(string name, DateTimeOffset? value)
    {
        if (value is { } time) fields.Add((name, Text(time)));
    }

    /// <summary>Names with words as values.</summary>
    public void Map(string name, IEnumerable<KeyValuePair<string, string>> values)
    {
        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        // A dot in a name would make an object of it, an empty one and a zero byte are refused.
        foreach (var (key, value) in values)
            if (key.Length > 0 && !string.IsNullOrEmpty(value)) map[DocumentText.Cut(key, LongestMapKey).Replace('.', '_').Replace('\0', '_')] = DocumentText.Cut(value, DocumentFields.LongestKeyword);
        if (map.Count > 0) fields.Add((name, map));
    }

    /// <summary>A list of objects, whose fields have names below this one.</summary>
    public void Rows<T>(string name, IEnumerable<T> rows, Action<DocumentBuilder, T> fill)
    {
        var builders = new List<DocumentBuilder>();
        foreach (var row in rows)
        {
            var builder = new DocumentBuilder();
            fill(builder, row);
            if (builder.fields.Count > 0) builders.Add(builder);
        }
        if (builders.Count > 0) fields.Add((name, builders));
    }

    /// <summary>The document.</summary>
    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using (var writer = new Utf8JsonWriter(buffer, Options)) Write(writer);
        return buffer.WrittenSpan.ToArray();
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFZ", CultureInfo.InvariantCulture);

    private void Write(Utf8JsonWriter writer)
    {
        fields.Sort(static (left, right) => string.CompareOrdinal(left.Name, right.Name));
        writer.WriteStartObject();
        Write(writer, 0, fields.Count, 0);
        writer.WriteEndObject();
    }

    /// <summary>Writes the fields of a run that share so many characters of their names.</summary>
    private void Write(Utf8JsonWriter writer, int from, int to, int shared)
    {
        while (from < to)
        {
            var name = fields[from].Name;
            var dot = name.IndexOf('.', shared);
            if (dot < 0)
            {
                writer.WritePropertyName(name.AsSpan(shared));
                WriteValue(writer, fields[from++].Value);
                continue;
            }

            var prefix = name.AsSpan(0, dot + 1);
            var end = from + 1;
            while (end < to && fields[end].Name.AsSpan().StartsWith(prefix, StringComparison.Ordinal)) end++;
            writer.WriteStartObject(name.AsSpan(shared, dot - shared));
            Write(writer, from, end, dot + 1);
            writer.WriteEndObject();
            from = end;
        }
    }

    private static void WriteValue(Utf8JsonWriter writer, object value)
    {
        switch (value)
        {
            case string text: writer.WriteStringValue(text); break;
            case long number: writer.WriteNumberValue(number); break;
            case double number: writer.WriteNumberValue(number); break;
            case bool flag: writer.WriteBooleanValue(flag); break;
            case string[] words: WriteList(writer, words, static (writer, word) => writer.WriteStringValue(word)); break;
            case long[] numbers: WriteList(writer, numbers, static (writer, number) => writer.WriteNumberValue(number)); break;
            case List<DocumentBuilder> rows: WriteList(writer, rows, static (writer, row) => row.Write(writer)); break;
            case SortedDictionary<string, string> map:
                writer.WriteStartObject();
                foreach (var (key, word) in map) writer.WriteString(key, word);
                writer.WriteEndObject();
                break;
            default: throw new ArgumentException($"A document has no values of type {value.GetType().Name}.", nameof(value));
        }
    }

    private static void WriteList<T>(Utf8JsonWriter writer, IReadOnlyCollection<T> list, Action<Utf8JsonWriter, T> write)
    {
        writer.WriteStartArray();
        foreach (var one in list) write(writer, one);
        writer.WriteEndArray();
    }
}
