using System.Formats.Tar;
using System.Security.Cryptography;
using Monitoring.Collector.Captures;
using Monitoring.Contracts.Captures;

namespace Monitoring.Collector.Query;

/// <summary>Serves the files of a capture, whole and in ranges, and all of them as one tar that is made as it is sent.</summary>
internal sealed class CaptureFileEndpoint(CaptureCatalogue catalogue, ICaptureFiles files, CaptureRecovery recovery)
{
    /// <summary>Name of the route's value that holds the file's name.</summary>
    public const string RouteValue = "name";

    private const int CopyBytes = 128 << 10;

    /// <summary>Answers a file or a part of it.</summary>
    public async Task FileAsync(HttpContext context)
    {
        if (await FindBundleAsync(context) is not { } manifest) return;
        var name = context.Request.RouteValues[RouteValue] as string ?? "";
        try
        {
            if (await DescribeAsync(manifest, name, context.RequestAborted) is not { } file)
            {
                var known = string.Join(", ", manifest.Files.Select(static other => other.Name).Prepend(CaptureManifest.FileName));
                await CaptureAnswer.RefuseAsync(context, StatusCodes.Status404NotFound, "unknown", $"capture {manifest.Request.Id} has no file '{(name.Length <= 100 ? name : name[..100] + "...")}'; it has {known}");
                return;
            }
            await SendAsync(context, manifest.Request.Id, file);
        }
        catch (CaptureStoreException fault)
        {
            await FailAsync(context, fault);
        }
    }

    /// <summary>Answers every file of a capture as one tar, in a folder with its id.</summary>
    public async Task TarAsync(HttpContext context)
    {
        if (await FindBundleAsync(context) is not { } manifest) return;
        var id = manifest.Request.Id;
        context.Response.ContentType = "application/x-tar";
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"capture-{id}.tar\"";
        if (HttpMethods.IsHead(context.Request.Method)) return;
        try
        {
            if (await DescribeAsync(manifest, CaptureManifest.FileName, context.RequestAborted) is not { } described) throw Gone(id, CaptureManifest.FileName);
            await using var tar = new TarWriter(context.Response.Body, TarEntryFormat.Pax, leaveOpen: true);
            foreach (var file in manifest.Files.Prepend(described)) await AddAsync(tar, manifest, file, context.RequestAborted);
        }
        catch (CaptureStoreException fault)
        {
            await FailAsync(context, fault);
        }
    }

    private async Task<CaptureManifest?> FindBundleAsync(HttpContext context)
    {
        if (await CaptureQueryEndpoint.FindRecordAsync(context, catalogue, recovery) is not { } record) return null;
        if (record.Manifest is { } manifest) return manifest;
        await CaptureAnswer.RefuseAsync(context, StatusCodes.Status404NotFound, "no_bundle", $"capture {record.Id} has no files here: it is {CaptureParameters.Name(record.Stage)}");
        return null;
    }

    /// <summary>The file as the manifest says it; of the manifest itself what it is.</summary>
    private async Task<CaptureFile?> DescribeAsync(CaptureManifest manifest, string name, CancellationToken cancellationToken)
    {
        if (name != CaptureManifest.FileName) return manifest.Files.FirstOrDefault(file => file.Name == name);
        return await files.ReadAsync(manifest.Request.Id, name, BundleManifest.MostBytes, cancellationToken) is { } json
            ? new CaptureFile(name, CaptureFileKinds.Manifest, "application/json", json.Length, Convert.ToHexStringLower(SHA256.HashData(json))) : null;
    }

    private async Task SendAsync(HttpContext context, string id, CaptureFile file)
    {
        var (request, response) = (context.Request, context.Response);
        var tag = $"\"{file.Sha256}\"";
        response.Headers.ETag = tag;
        response.Headers.AcceptRanges = "bytes";
        response.Headers.ContentDisposition = $"attachment; filename=\"{file.Name}\"";
        // What a report holds is not to be taken for a page of the collector's own.
        response.Headers.XContentTypeOptions = "nosniff";
        response.ContentType = file.MediaType is { Length: > 0 and <= 100 } type && type.All(static letter => letter is >= ' ' and <= '~') ? type : "application/octet-stream";
        if (request.Headers.IfNoneMatch.ToString().Split(',').Any(one => one.Trim() is "*" || one.Trim() == tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        // A part of what has become another file is of no use; the tag is strong.
        var isSame = request.Headers.IfRange.Count == 0 || request.Headers.IfRange == tag;
        var isUnsatisfiable = false;
        var range = isSame && HttpMethods.IsGet(request.Method) ? ByteRange.Read(request.Headers.Range.ToString(), file.SizeBytes, out isUnsatisfiable) : null;
        if (isUnsatisfiable)
        {
            response.Headers.ContentRange = $"bytes */{file.SizeBytes}";
            await CaptureAnswer.RefuseAsync(context, StatusCodes.Status416RangeNotSatisfiable, "range", $"Range is '{request.Headers.Range}', {file.Name} has {file.SizeBytes} bytes");
            return;
        }

        var (offset, length) = range is { } part ? (part.Offset, part.Length) : (0, file.SizeBytes);
        await using var stream = await files.OpenAsync(id, file.Name, offset, length, context.RequestAborted) ?? throw Gone(id, file.Name);
        if (range is { } given)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = given.Describe(file.SizeBytes);
        }
        response.ContentLength = length;
        if (HttpMethods.IsHead(request.Method)) return;
        await CopyAsync(stream, response.Body, length, context.RequestAborted);
    }

    private async Task AddAsync(TarWriter tar, CaptureManifest manifest, CaptureFile file, CancellationToken cancellationToken)
    {
        var id = manifest.Request.Id;
        await using var stream = await files.OpenAsync(id, file.Name, 0, file.SizeBytes, cancellationToken) ?? throw Gone(id, file.Name);
        await using var sized = new SizedStream(stream, file.SizeBytes);
        var entry = new PaxTarEntry(TarEntryType.RegularFile, $"capture-{id}/{file.Name}") { DataStream = sized, ModificationTime = manifest.FinishedAt, Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        await tar.WriteEntryAsync(entry, cancellationToken);
    }

    private static async Task CopyAsync(Stream from, Stream to, long length, CancellationToken cancellationToken)
    {
        await using var sized = new SizedStream(from, length);
        await sized.CopyToAsync(to, CopyBytes, cancellationToken);
    }

    /// <summary>Says what is wrong; where the answer has begun, breaks it off, so that nobody takes a part for the whole.</summary>
    private static Task FailAsync(HttpContext context, CaptureStoreException fault)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.Headers.Clear();
            return CaptureAnswer.RefuseAsync(context, fault.Reason == "gone" ? StatusCodes.Status404NotFound : StatusCodes.Status503ServiceUnavailable, fault.Reason, fault.Message);
        }
        context.Abort();
        return Task.CompletedTask;
    }

    private static CaptureStoreException Gone(string id, string name) => new("gone", $"{name} of capture {id} is not where captures are kept: it was removed a moment ago, or by somebody else");
}
