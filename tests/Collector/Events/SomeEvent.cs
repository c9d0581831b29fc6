using System.Globalization;
using System.Text;
using Monitoring.Collector.Events;
using Monitoring.Contracts.Events;

namespace Monitoring.Tests.Collector.Events;

/// <summary>Events that tests make up.</summary>
internal static class SomeEvent
{
    internal static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    internal static string IdOf(int number) => EventId.Of("test", number.ToString(CultureInfo.InvariantCulture));

    /// <summary>The event with a number; of the same number always the same, a second later than the one before.</summary>
    internal static EventRecord Record(int number) => new()
    {
        Id = IdOf(number), Time = Start.AddSeconds(number), Node = $"n{number % 3}", Cluster = "lab", Kind = EventKinds.Xid, Code = 79,
        Severity = EventSeverity.Critical, Title = $"Event {number}", Gpu = new GpuReference(number % 2, $"GPU-{number % 6}"),
    };

    internal static IncomingEvent Incoming(EventRecord record) => new(EventMarks.EntryOf(record), EventLabels.Of(record), EventJson.Write(record));

    internal static IncomingEvent[] Incoming(params int[] numbers) => [.. numbers.Select(static number => Incoming(Record(number)))];

    /// <summary>A body of JSON lines.</summary>
    internal static byte[] Body(params EventRecord[] records) => [.. records.SelectMany(static record => (byte[])[.. EventJson.Write(record), (byte)'\n'])];

    internal static byte[] Body(params int[] numbers) => Body([.. numbers.Select(Record)]);

    internal static string IdIn(ReadOnlyMemory<byte> json) => EventJson.Read(json.Span).Id;

    internal static string Text(ReadOnlyMemory<byte> json) => Encoding.UTF8.GetString(json.Span);
}
