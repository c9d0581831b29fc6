using System.Globalization;
using Monitoring.Contracts.Captures;

namespace Monitoring.Collector.Captures.Uploads;

/// <summary>Headers of tus 1.0 (https://tus.io/protocols/resumable-upload).</summary>
internal static class TusHeaders
{
    public const string Version = "1.0.0";
    public const string Extensions = "creation,termination,checksum,expiration";
    public const string PatchType = "application/offset+octet-stream";

    /// <summary>For senders behind something that passes only GET and POST.</summary>
    public const string MethodOverride = "X-HTTP-Method-Override";
    public const string UploadLength = "Upload-Length";
    public const string UploadOffset = "Upload-Offset";
    public const string UploadMetadataName = "Upload-Metadata";
    public const string UploadChecksumName = "Upload-Checksum";
    public const string UploadDeferLength = "Upload-Defer-Length";
    private const string Resumable = "Tus-Resumable";

    /// <summary>True where the request speaks this version.</summary>
    public static bool IsSpoken(HttpRequest request) => request.Headers[Resumable] == Version;

    /// <summary>What every answer has.</summary>
    public static void WriteVersion(HttpResponse response)
    {
        response.Headers[Resumable] = Version;
        response.Headers.CacheControl = "no-store";
    }

    /// <summary>What this server can do.</summary>
    public static void WriteAbilities(HttpResponse response, long bytesAtMost)
    {
        response.Headers["Tus-Version"] = Version;
        response.Headers["Tus-Extension"] = Extensions;
        response.Headers["Tus-Max-Size"] = Text(bytesAtMost);
        response.Headers["Tus-Checksum-Algorithm"] = UploadChecksum.Algorithm;
    }

    /// <summary>Where an upload stands.</summary>
    public static void WriteUpload(HttpResponse response, Upload upload, DateTimeOffset expiresAt)
    {
        response.Headers[UploadOffset] = Text(upload.Offset);
        if (upload.Offset < upload.Length) response.Headers["Upload-Expires"] = expiresAt.ToString("R", CultureInfo.InvariantCulture);
    }

    /// <summary>What the collector has now: a file, or the capture.</summary>
    public static void WriteState(HttpResponse response, string state)
    {
        if (state.Length > 0) response.Headers[UploadMetadata.StateHeader] = state;
    }

    /// <summary>The number that a header says; -1 where it says none.</summary>
    public static long Number(HttpRequest request, string name) =>
        long.TryParse(request.Headers[name].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;

    public static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
