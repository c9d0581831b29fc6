using System.Buffers;
using System.Text;
using Monitoring.Contracts.Otlp;

namespace Monitoring.Collector.Ingest;

/// <summary>Writes OTLP/HTTP answers: ExportMetricsServiceResponse on success, google.rpc.Status on failure.</summary>
internal static class OtlpReply
{
    /// <summary>google.rpc.Code INVALID_ARGUMENT: a retry gives the same.</summary>
    public const int InvalidArgument = 3;

    /// <summary>google.rpc.Code RESOURCE_EXHAUSTED: a limit.</summary>
    public const int ResourceExhausted = 8;

    /// <summary>The body of an answer of 200: empty where all was stored.</summary>
    public static byte[] Success(int rejectedPoints, string message)
    {
        if (rejectedPoints == 0) return [];
        var partial = new ArrayBufferWriter<byte>();
        WriteVarint(partial, OtlpTags.PartialSuccessRejected);
        WriteVarint(partial, (ulong)rejectedPoints);
        WriteText(partial, OtlpTags.PartialSuccessMessage, message);
        var response = new ArrayBufferWriter<byte>();
        WriteBytes(response, OtlpTags.ResponsePartialSuccess, partial.WrittenSpan);
        return response.WrittenSpan.ToArray();
    }

    /// <summary>The body of a refusal.</summary>
    public static byte[] Status(int code, string message)
    {
        var status = new ArrayBufferWriter<byte>();
        WriteVarint(status, OtlpTags.StatusCode);
        WriteVarint(status, (ulong)code);
        WriteText(status, OtlpTags.StatusMessage, message);
        return status.WrittenSpan.ToArray();
    }

    private static void WriteText(ArrayBufferWriter<byte> writer, uint tag, string text) => WriteBytes(writer, tag, Encoding.UTF8.GetBytes(text));

    private static void WriteBytes(ArrayBufferWriter<byte> writer, uint tag, ReadOnlySpan<byte> bytes)
    {
        WriteVarint(writer, tag);
        WriteVarint(writer, (ulong)bytes.Length);
        writer.Write(bytes);
    }

    private static void WriteVarint(ArrayBufferWriter<byte> writer, ulong value)
    {
        for (; value >= 0x80; value >>= 7) writer.Write([(byte)(value | 0x80)]);
        writer.Write([(byte)value]);
    }
}
