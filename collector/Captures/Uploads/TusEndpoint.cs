using Microsoft.AspNetCore.Http.Features;
using Monitoring.Contracts.Captures;

namespace Monitoring.Collector.Captures.Uploads;

/// <summary>
/// Takes the files of captures at <c>/v1/captures/uploads</c> by tus 1.0 with the extensions creation, termination, checksum and
/// expiration. What is said to be here is on disk. Beyond tus, <see cref="UploadMetadata.StateHeader"/> says when a file or a capture is complete.
/// </summary>
internal sealed class TusEndpoint(UploadStore uploads, UploadWriter writer, CaptureIntake intake, CaptureRecovery recovery, CaptureTally tally, CaptureSettings settings)
{
    /// <summary>Name of the route's value that holds the id of an upload.</summary>
    public const string RouteValue = "upload";

    // A full disk and a person who repairs it take their time; what is locked or many is soon over.
    private const string RetryAfterSeconds = "5";

    /// <summary>Answers a request for the uploads or, with an id, for one of them.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        TusHeaders.WriteVersion(context.Response);
        // A file is larger than a push; it is bounded by what the upload was begun with.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = null;
        var method = context.Request.Headers[TusHeaders.MethodOverride] is [{ Length: > 0 } other] ? other.ToUpperInvariant() : context.Request.Method;
        var id = context.Request.RouteValues[RouteValue] as string;
        if (method == HttpMethods.Options)
        {
            TusHeaders.WriteAbilities(context.Response, settings.MaxFileBytes);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }
        var refusal = await AnswerAsync(context, method, id);
        if (refusal is not null && !context.RequestAborted.IsCancellationRequested) await RefuseAsync(context, refusal);
    }

    private async Task<UploadRefusal?> AnswerAsync(HttpContext context, string method, string? id)
    {
        if (!TusHeaders.IsSpoken(context.Request))
        {
            context.Response.Headers["Tus-Version"] = TusHeaders.Version;
            return new UploadRefusal(StatusCodes.Status412PreconditionFailed, "version", $"Tus-Resumable is '{context.Request.Headers["Tus-Resumable"]}', expected {TusHeaders.Version}");
        }
        try
        {
            await recovery.Completed.WaitAsync(context.RequestAborted);
            if (id is null && method == HttpMethods.Post) return await CreateAsync(context);
            if (id is null || (method != HttpMethods.Head && method != HttpMethods.Patch && method != HttpMethods.Delete))
                return new UploadRefusal(StatusCodes.Status405MethodNotAllowed, "request", id is null ? "uploads are made with POST" : "an upload is asked with HEAD, continued with PATCH and taken back with DELETE");
            if (uploads.Find(id) is not { } upload)
                return new UploadRefusal(StatusCodes.Status404NotFound, "unknown", "there is no such upload: it is complete, has expired, or was begun anew; begin it with POST");
            if (method == HttpMethods.Head) return Describe(context, upload);
            if (!upload.TryHold()) return UploadRefusal.Locked(id);
            try
            {
                if (upload.IsGone) return new UploadRefusal(StatusCodes.Status410Gone, "gone", "the upload was just completed or removed; begin it with POST");
                return method == HttpMethods.Patch ? await ContinueAsync(context, upload) : TakeBack(context, upload);
            }
            finally
            {
                upload.LetGo();
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return UploadRefusal.Disk(fault.Message);
        }
        catch (CaptureStoreException fault)
        {
            return new UploadRefusal(StatusCodes.Status503ServiceUnavailable, "disk", fault.Message);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task<UploadRefusal?> CreateAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.Headers.ContainsKey(TusHeaders.UploadDeferLength)) return Wrong("Upload-Defer-Length is not supported: say the Upload-Length");
        if (TusHeaders.Number(request, TusHeaders.UploadLength) is not (>= 0 and var length)) return Wrong($"Upload-Length is '{request.Headers[TusHeaders.UploadLength]}', expected a number of bytes");
        if (request.ContentLength > 0 || request.Headers.TransferEncoding.Count > 0) return Wrong("the POST that begins an upload has a body, expected none: send the bytes with PATCH");
        if (UploadMetadata.Read(request.Headers[TusHeaders.UploadMetadataName], out var error) is not { } metadata) return new UploadRefusal(StatusCodes.Status400BadRequest, "metadata", error);

        var (state, refusal) = await intake.StateAsync(metadata, context.RequestAborted);
        if (refusal is not null) return refusal;
        if (state.Length > 0)
        {
            // Nothing was created, and nothing needs to be sent.
            TusHeaders.WriteState(context.Response, state);
            context.Response.StatusCode = StatusCodes.Status200OK;
            return null;
        }
        var (upload, why) = intake.Create(metadata, request.Headers[TusHeaders.UploadMetadataName].ToString(), length);
        if (upload is null) return why;
        if (length == 0)
        {
            // Only a second request for the same file can have it already, and brings it to its end.
            if (!upload.TryHold()) return UploadRefusal.Locked(upload.Id);
            try
            {
                (state, refusal) = await intake.FinishAsync(upload, CancellationToken.None);
            }
            finally
            {
                // Where the disk refused, the next request for the file takes its place.
                upload.LetGo();
            }
            if (refusal is not null) return refusal;
            TusHeaders.WriteState(context.Response, state);
        }
        TusHeaders.WriteUpload(context.Response, upload, uploads.ExpiresAt(upload));
        // Relative to what was asked, so that it leads back through whatever stands between.
        context.Response.Headers.Location = $"uploads/{upload.Id}";
        context.Response.StatusCode = StatusCodes.Status201Created;
        return null;
    }

    private UploadRefusal? Describe(HttpContext context, Upload upload)
    {
        TusHeaders.WriteUpload(context.Response, upload, uploads.ExpiresAt(upload));
        context.Response.Headers[TusHeaders.UploadLength] = TusHeaders.Text(upload.Length);
        context.Response.Headers[TusHeaders.UploadMetadataName] = upload.Header.Metadata;
        context.Response.StatusCode = StatusCodes.Status200OK;
        return null;
    }

    private async Task<UploadRefusal?> ContinueAsync(HttpContext context, Upload upload)
    {
        var request = context.Request;
        if (request.ContentType != TusHeaders.PatchType)
            return new UploadRefusal(StatusCodes.Status415UnsupportedMediaType, "request", $"Content-Type is '{request.ContentType}', expected {TusHeaders.PatchType}");
        if (TusHeaders.Number(request, TusHeaders.UploadOffset) is not (>= 0 and var offset)) return Wrong($"Upload-Offset is '{request.Headers[TusHeaders.UploadOffset]}', expected a number of bytes");
        var checksum = request.Headers[TusHeaders.UploadChecksumName] is [{ Length: > 0 } said] ? UploadChecksum.Read(said) : null;
        if (checksum is null && request.Headers.ContainsKey(TusHeaders.UploadChecksumName)) return Wrong($"Upload-Checksum is none of {UploadChecksum.Algorithm}, expected '{UploadChecksum.Algorithm}' and 32 bytes in base64");
        if (offset != upload.Offset) return UploadRefusal.Offset(offset, upload.Offset);
        if (request.ContentLength > upload.Length - offset) return UploadRefusal.TooLong(upload.Length);

        if (await writer.AppendAsync(upload, request.Body, checksum, context.RequestAborted) is { } refusal) return refusal;
        if (upload.Offset == upload.Length)
        {
            // Whoever sent all of it may hang up; what was begun here is brought to its end.
            var (state, why) = await intake.FinishAsync(upload, CancellationToken.None);
            if (why is not null) return why;
            TusHeaders.WriteState(context.Response, state);
        }
        TusHeaders.WriteUpload(context.Response, upload, uploads.ExpiresAt(upload));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return null;
    }

    private UploadRefusal? TakeBack(HttpContext context, Upload upload)
    {
        uploads.Remove(upload);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return null;
    }

    private Task RefuseAsync(HttpContext context, UploadRefusal refusal)
    {
        tally.Refuse(refusal.Reason);
        if (refusal.CanRetry) context.Response.Headers.RetryAfter = RetryAfterSeconds;
        // What was announced and not read cannot be told from the next request.
        if (refusal.Status is StatusCodes.Status413PayloadTooLarge or StatusCodes.Status507InsufficientStorage) context.Response.Headers.Connection = "close";
        return CaptureAnswer.RefuseAsync(context, refusal.Status, refusal.Reason, refusal.Error, refusal.Missing);
    }

    private static UploadRefusal Wrong(string error) => new(StatusCodes.Status400BadRequest, "request", error);
}
