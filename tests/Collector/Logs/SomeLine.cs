using System.Globalization;
using System.Text;
using Monitoring.Collector.Logs;
using Monitoring.Settings.Logs;

namespace Monitoring.Tests.Collector.Logs;

/// <summary>Log lines that tests make up.</summary>
internal static class SomeLine
{
    internal static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    internal const string Index = "logs-gpu.agent-default-2026.01.01-000001";

    /// <summary>The document with a number; of the same number always the same, a second later than the one before.</summary>
    internal static string Json(int number, string level = "info", string? message = null) => string.Create(CultureInfo.InvariantCulture,
        $$$"""{"@timestamp":"{{{Start.AddSeconds(number):yyyy-MM-dd'T'HH:mm:ss.fff'Z'}}}","message":"{{{message ?? $"Line {number}"}}}","log":{"level":"{{{level}}}","logger":"Some.Part"},"host":{"name":"n{{{number % 3}}}"}}""");

    internal static LogLine Line(int number, string id = "") => new(
        Index, id.Length > 0 ? id : $"life-{number}", Start.AddSeconds(number), $"n{number % 3}", LogThreshold.Information, Encoding.UTF8.GetBytes(Json(number)));

    internal static LogLine[] Lines(params int[] numbers) => [.. numbers.Select(static number => Line(number))];

    /// <summary>A body of a bulk request that creates documents.</summary>
    internal static byte[] Body(params int[] numbers) => Body([.. numbers.Select(static number => (Index, $"life-{number}", Json(number)))]);

    internal static byte[] Body(params (string Index, string Id, string Json)[] lines) => Encoding.UTF8.GetBytes(string.Concat(lines.Select(static line =>
        $$$"""{"create":{"_index":"{{{line.Index}}}","_id":"{{{line.Id}}}"}}""" + "\n" + line.Json + "\n")));

    internal static string Text(ReadOnlyMemory<byte> json) => Encoding.UTF8.GetString(json.Span);
}
