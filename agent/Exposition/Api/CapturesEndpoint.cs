using System.Globalization;
using System.Text.Json;
using Monitoring.Agent.Capture;
using Monitoring.Agent.Detection;
using Monitoring.Contracts.Captures;
using Monitoring.Settings.Values;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Agent.Exposition.Api;

/// <summary>
/// <c>/api/v1/captures</c>: where captures stand, what profilers can do and why not, and the asking for one. Asking is for people on the
/// node alone, unless the settings open it.
/// </summary>
internal static class CapturesEndpoint
{
    internal const string Path = "/api/v1/captures";

    // A request is a few hundred bytes.
    private const int BytesAtMost = 16 << 10;
    private const string Form = """{"gpus":[0],"duration":"5s","who":"alice","reason":"step time doubled"}""";

    // A person waits in front of it; one that waits behind others is still wanted then.
    private static readonly TimeSpan WantedFor = TimeSpan.FromMinutes(15);

    /// <summary>Maps the routes.</summary>
    internal static void MapCaptures(this IEndpointRouteBuilder routes, CaptureService captures, CaptureSettings settings, NodeIdentity identity, TimeProvider time)
    {
        routes.MapGet(Path, context => List(context, captures));
        routes.MapPost(Path, context => Ask(context, captures, settings, identity, time));
        routes.MapGet(Path + "/{id}", context => One(context, captures));
        routes.MapPost(Path + "/{id}/cancel", context => Cancel(context, captures, settings));
    }

    private static async Task List(HttpContext context, CaptureService captures)
    {
        if (LocalApiRoutes.UnknownParameter(context) is { } unknown)
        {
            await LocalApiRoutes.Refuse(context, StatusCodes.Status400BadRequest, unknown).ConfigureAwait(false);
            return;
        }
        var known = captures.Known();
        var abilities = await captures.AbilitiesAsync(context.RequestAborted).ConfigureAwait(false);
        await LocalApiRoutes.Write(context, new CaptureList(
            Of(known, static stage => stage == CaptureStage.Queued),
            Of(known, static stage => stage is CaptureStage.Armed or CaptureStage.Recording or CaptureStage.Exporting or CaptureStage.Uploading),
            Of(known, static stage => stage is CaptureStage.Done or CaptureStage.Failed or CaptureStage.Aborted or CaptureStage.Cancelled),
            Of(known, static stage => stage == CaptureStage.Refused),
            [.. abilities.Select(static one => new ProfilerState(one.Profiler, one.Ability.Can, one.Ability.Refusal, one.Ability.Words, one.Ability.Version.Length > 0 ? one.Ability.Version : null))],
            captures.Bytes), ApiJson.Readable.CaptureList).ConfigureAwait(false);
    }

    private static Task One(HttpContext context, CaptureService captures) =>
        Find(context, captures) is { } known ? LocalApiRoutes.Write(context, Entry(known), ApiJson.Readable.CaptureEntry) : Unknown(context);

    private static async Task Cancel(HttpContext context, CaptureService captures, CaptureSettings settings)
    {
        if (await IsShut(context, settings, "taken back").ConfigureAwait(false)) return;
        if (Find(context, captures) is not { } known)
        {
            await Unknown(context).ConfigureAwait(false);
            return;
        }
        await (captures.Cancel(known.Request.Id) is { } words
            ? LocalApiRoutes.Write(context, new CaptureAsked(known.Request.Id, words), ApiJson.Readable.CaptureAsked)
            : LocalApiRoutes.Refuse(context, StatusCodes.Status409Conflict, $"capture {known.Request.Id} neither waits nor is recorded; it is {CaptureWords.Of(known.Progress.Stage)}")).ConfigureAwait(false);
    }

    private static async Task Ask(HttpContext context, CaptureService captures, CaptureSettings settings, NodeIdentity identity, TimeProvider time)
    {
        if (await IsShut(context, settings, "asked for").ConfigureAwait(false)) return;
        var (body, error) = await ReadAsync(context).ConfigureAwait(false);
        var request = body is null ? null : Request(body, settings, identity, time.GetUtcNow(), out error);
        if (request is null)
        {
            await LocalApiRoutes.Refuse(context, StatusCodes.Status400BadRequest, error).ConfigureAwait(false);
            return;
        }
        var answer = captures.Request(request);
        await (answer.IsAccepted
            ? LocalApiRoutes.Write(context, new CaptureAsked(answer.Id, answer.Words), ApiJson.Readable.CaptureAsked, StatusCodes.Status202Accepted)
            : LocalApiRoutes.Write(context, new CaptureAsked(answer.Id, answer.Words, answer.Refusal), ApiJson.Readable.CaptureAsked,
                answer.Refusal is CaptureRefusal.Invalid or CaptureRefusal.UnknownGpu ? StatusCodes.Status400BadRequest : StatusCodes.Status409Conflict)).ConfigureAwait(false);
    }

    /// <summary>The request that a body asks for; null where something of it is wrong.</summary>
    private static CaptureRequest? Request(CaptureWish wish, CaptureSettings settings, NodeIdentity identity, DateTimeOffset now, out string error)
    {
        error = "";
        var duration = settings.DefaultDuration;
        if (wish.Duration is { } text && (!Duration.TryParse(text, out duration) || duration <= TimeSpan.Zero)) error = $"duration is '{text}', expected a duration such as 5s";
        if (wish.Id is { } given && !EventId.IsValid(given)) error = $"id is '{given}', expected 32 lower-case hexadecimal digits, or none";
        if (string.IsNullOrWhiteSpace(wish.Who)) error = "who is missing: the person who asks, for the record";
        if (wish.Gpus?.Any(static gpu => gpu is null) == true || wish.Profilers?.Any(static name => name is null) == true) error = "a list has an element that is null";
        if (error.Length > 0) return null;
        List<int> indices = [];
        List<string> uuids = [];
        foreach (var gpu in wish.Gpus ?? [])
        {
            var name = gpu!.Value.ValueKind == JsonValueKind.String ? gpu.Value.GetString()! : gpu.Value.GetRawText();
            if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index)) indices.Add(index);
            else uuids.Add(name);
        }
        var id = wish.Id ?? EventId.Of("asked", identity.Node, identity.BootId, wish.Who!, now.UtcTicks.ToString(CultureInfo.InvariantCulture), Guid.NewGuid().ToString());
        return new CaptureRequest
        {
            Id = id,
            Group = id,
            Trigger = new CaptureTrigger(TriggerKinds.Person, wish.Who!, wish.Reason ?? ""),
            Target = new CaptureTarget(identity.Node, indices, uuids, wish.Job ?? "", wish.Pid),
            Profilers = [.. (wish.Profilers ?? []).Select(static name => name!)],
            DurationSeconds = duration.TotalSeconds,
            StartAt = wish.StartAt,
            RequestedAt = now,
            ExpiresAt = (wish.StartAt > now ? wish.StartAt.Value : now) + WantedFor,
            CpuSampling = wish.CpuSampling ?? false,
            WantsControl = wish.Control ?? false,
            Pinned = wish.Pinned ?? false,
        };
    }

    private static async Task<(CaptureWish?, string)> ReadAsync(HttpContext context)
    {
        try
        {
            using var body = new MemoryStream();
            var piece = new byte[4096];
            for (int read; (read = await context.Request.Body.ReadAsync(piece, context.RequestAborted).ConfigureAwait(false)) > 0;)
            {
                body.Write(piece, 0, read);
                if (body.Length > BytesAtMost) return (null, $"the body is longer than {BytesAtMost} bytes");
            }
            return JsonSerializer.Deserialize(body.GetBuffer().AsSpan(0, (int)body.Length), ApiJson.Default.CaptureWish) is { } wish ? (wish, "") : (null, $"the body is null, expected such as {Form}");
        }
        catch (JsonException fault)
        {
            return (null, $"the body is no JSON of the form {Form}: {fault.Message}");
        }
    }

    /// <summary>True after a request was refused that comes from elsewhere, or that a web page could have sent.</summary>
    private static async Task<bool> IsShut(HttpContext context, CaptureSettings settings, string what)
    {
        if (!settings.RemoteRequests && !ClearEndpoint.IsLocal(context.Connection.RemoteIpAddress))
        {
            await LocalApiRoutes.Refuse(context, StatusCodes.Status403Forbidden,
                $"the request comes from {context.Connection.RemoteIpAddress}; captures are {what} on the node itself or at the collector, unless capture.remote_requests is set").ConfigureAwait(false);
            return true;
        }
        if (LocalApiRoutes.IsOfWebPage(context))
        {
            await LocalApiRoutes.Refuse(context, StatusCodes.Status403Forbidden, $"the request comes from a web page; captures are {what} with tools, such as gpu-agent capture").ConfigureAwait(false);
            return true;
        }
        if (context.Request.HasJsonContentType()) return false;
        await LocalApiRoutes.Refuse(context, StatusCodes.Status415UnsupportedMediaType, $"Content-Type is '{context.Request.ContentType}', expected application/json").ConfigureAwait(false);
        return true;
    }

    private static KnownCapture? Find(HttpContext context, CaptureService captures)
    {
        var id = context.Request.RouteValues["id"] as string ?? "";
        return captures.Known().FirstOrDefault(known => known.Request.Id == id);
    }

    private static Task Unknown(HttpContext context) =>
        LocalApiRoutes.Refuse(context, StatusCodes.Status404NotFound, $"capture is '{context.Request.RouteValues["id"]}', and no such one is known here; GET {Path} lists those that are");

    private static CaptureEntry[] Of(IReadOnlyList<KnownCapture> known, Func<CaptureStage, bool> isWanted) => [.. known.Where(one => isWanted(one.Progress.Stage)).Select(Entry)];

    private static CaptureEntry Entry(KnownCapture known) => new(known.Request.Id, known.Request.Trigger, known.Request.Target, known.Request.DurationSeconds, known.Request.RequestedAt, known.Progress, known.Results, known.Bundle?.State, known.Bundle?.SizeBytes);
}
