using System.Buffers.Text;
using System.Text.Json;

namespace Monitoring.Agent.Capture.Summaries.Kineto;

/// <summary>Picks the fields of a summary out of the tokens of a trace (Chrome's format as PyTorch writes it), event by event.</summary>
internal sealed class KinetoTrace(Action<KinetoEvent> onEvent)
{
    private readonly KinetoEvent current = new();
    private readonly NameCache names = new();
    private readonly char[] text = new char[LongNames.LengthAtMost];
    private readonly Dictionary<long, string> devices = [];
    private Section section;
    private Field field;
    private long deviceId = -1;
    private string deviceName = "";

    private enum Section
    {
        None,
        Events,
        Devices,
        Distributed,
    }

    private enum Field
    {
        None,
        Base,
        Phase,
        Category,
        Name,
        Start,
        Duration,
        Process,
        Arguments,
        Device,
        Bytes,
        Id,
        DeviceName,
        Rank,
        WorldSize,
    }

    /// <summary>What the times count from, nanoseconds since 1970; 0 where they count from 1970 themselves.</summary>
    internal long Zero { get; private set; }

    internal long? Rank { get; private set; }

    internal long? WorldSize { get; private set; }

    /// <summary>Models of the GPUs by number.</summary>
    internal IReadOnlyDictionary<long, string> Devices => devices;

    /// <summary>Events read, of any kind.</summary>
    internal long Events { get; private set; }

    /// <summary>True once the list of events began: without one it is no trace.</summary>
    internal bool HasEvents { get; private set; }

    /// <summary>Takes the next token.</summary>
    internal void Take(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName:
                field = FieldOf(ref reader);
                break;
            case JsonTokenType.StartArray:
                field = Field.None;
                break;
            case JsonTokenType.StartObject:
                field = Field.None;
                if (reader.CurrentDepth == 2)
                {
                    current.Clear();
                    (deviceId, deviceName) = (-1, "");
                }
                break;
            case JsonTokenType.EndObject:
                if (reader.CurrentDepth == 2) End();
                else if (reader.CurrentDepth == 1) section = Section.None;
                break;
            case JsonTokenType.EndArray:
                if (reader.CurrentDepth == 1) section = Section.None;
                break;
            case JsonTokenType.String:
                TakeText(ref reader);
                break;
            case JsonTokenType.Number:
                TakeNumber(reader.ValueSpan);
                break;
            default:
                break;
        }
    }

    private void End()
    {
        if (section == Section.Events)
        {
            Events++;
            onEvent(current);
        }
        else if (section == Section.Devices && deviceId >= 0 && devices.Count < 1024)
        {
            devices[deviceId] = deviceName;
        }
    }

    /// <summary>What the value of a property is for, by where it stands: at the top, in a list's object, or in an event's arguments.</summary>
    private Field FieldOf(ref Utf8JsonReader reader)
    {
        switch (reader.CurrentDepth)
        {
            case 1:
                section = reader.ValueTextEquals("traceEvents"u8) ? Section.Events
                    : reader.ValueTextEquals("deviceProperties"u8) ? Section.Devices
                    : reader.ValueTextEquals("distributedInfo"u8) ? Section.Distributed : Section.None;
                HasEvents |= section == Section.Events;
                return reader.ValueTextEquals("baseTimeNanoseconds"u8) ? Field.Base : Field.None;
            case 2 when section == Section.Distributed:
                return reader.ValueTextEquals("rank"u8) ? Field.Rank : reader.ValueTextEquals("world_size"u8) ? Field.WorldSize : Field.None;
            case 3 when section == Section.Devices:
                return reader.ValueTextEquals("id"u8) ? Field.Id : reader.ValueTextEquals("name"u8) ? Field.DeviceName : Field.None;
            case 3 when section == Section.Events:
                return reader.ValueSpan switch
                {
                    [(byte)'p', (byte)'h'] => Field.Phase,
                    [(byte)'t', (byte)'s'] => Field.Start,
                    [(byte)'d', (byte)'u', (byte)'r'] => Field.Duration,
                    [(byte)'c', (byte)'a', (byte)'t'] => Field.Category,
                    [(byte)'p', (byte)'i', (byte)'d'] => Field.Process,
                    [(byte)'n', (byte)'a', (byte)'m', (byte)'e'] => Field.Name,
                    _ => Field.None,
                };
            case 4 when section == Section.Events:
                // Arguments with fields of the same names lie a level deeper than those of the event.
                return reader.ValueTextEquals("device"u8) ? Field.Device : reader.ValueTextEquals("bytes"u8) ? Field.Bytes : Field.None;
            default:
                return Field.None;
        }
    }

    private void TakeText(ref Utf8JsonReader reader)
    {
        // Texts within lists, such as shapes, are the value of no field that is read.
        switch (field)
        {
            case Field.Phase: current.IsComplete = reader.ValueSpan is [(byte)'X']; break;
            case Field.Category: current.Category = CategoryOf(reader.ValueSpan); break;
            case Field.Name: current.Name = NameOf(ref reader); break;
            case Field.DeviceName: deviceName = NameOf(ref reader); break;
            default: break;
        }
        field = Field.None;
    }

    private void TakeNumber(ReadOnlySpan<byte> number)
    {
        switch (field)
        {
            case Field.Base: Zero = Whole(number) ?? 0; break;
            case Field.Start: current.Start = KinetoTime.Nanoseconds(number); break;
            case Field.Duration: current.Duration = KinetoTime.Nanoseconds(number); break;
            case Field.Process: current.Process = Whole(number); break;
            case Field.Device: current.Device = Whole(number); break;
            case Field.Bytes: current.Bytes = Whole(number) ?? 0; break;
            case Field.Id: deviceId = Whole(number) ?? -1; break;
            case Field.Rank: Rank = Whole(number); break;
            case Field.WorldSize: WorldSize = Whole(number); break;
            default: break;
        }
        field = Field.None;
    }

    private string NameOf(ref Utf8JsonReader reader)
    {
        try
        {
            // A character has at least one byte, so that what is short enough fits.
            var length = reader.ValueSpan.Length <= text.Length ? reader.CopyString(text) : 0;
            if (reader.ValueSpan.Length > text.Length && reader.GetString() is { } whole)
            {
                length = Math.Min(whole.Length, text.Length);
                whole.AsSpan(0, length).CopyTo(text);
            }
            return names.Of(text.AsSpan(0, LongNames.Cut(text, length)));
        }
        catch (InvalidOperationException)
        {
            return "(a name that is no text)";
        }
    }

    private static long? Whole(ReadOnlySpan<byte> number) => Utf8Parser.TryParse(number, out long value, out var length) && length == number.Length ? value : null;

    /// <summary>Before 2021 PyTorch wrote Kernel, Memcpy, Memset, Runtime and Operator.</summary>
    private static KinetoCategory CategoryOf(ReadOnlySpan<byte> category)
    {
        if (Is(category, "cpu_op"u8) || Is(category, "operator"u8)) return KinetoCategory.Operator;
        if (Is(category, "kernel"u8)) return KinetoCategory.Kernel;
        if (Is(category, "cuda_runtime"u8) || Is(category, "cuda_driver"u8) || Is(category, "runtime"u8)) return KinetoCategory.Runtime;
        if (Is(category, "gpu_memcpy"u8) || Is(category, "memcpy"u8)) return KinetoCategory.Copy;
        if (Is(category, "gpu_memset"u8) || Is(category, "memset"u8)) return KinetoCategory.Fill;
        if (Is(category, "user_annotation"u8)) return KinetoCategory.Annotation;
        return Is(category, "trace"u8) ? KinetoCategory.Span : KinetoCategory.Other;
    }

    private static bool Is(ReadOnlySpan<byte> category, ReadOnlySpan<byte> name) => System.Text.Ascii.EqualsIgnoreCase(category, name);
}
