using System.Net;
using System.Text.Json;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Health;

namespace Monitoring.Agent.Exposition.Api;

/// <summary>
/// <c>POST /api/v1/health/clear</c> with <c>{"gpu":"3","component":"memory","who":"alice","why":"board was replaced"}</c>: clears sticky
/// reasons by hand. It is the one route that changes something, so it is for people on the node alone.
/// </summary>
internal static class ClearEndpoint
{
    // Far more than the words of a person take.
    private const int BytesAtMost = 4096;
    private const int WordsAtMost = 500;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    internal static async Task Answer(HttpContext context, LocalApi api)
    {
        if (!IsLocal(context.Connection.RemoteIpAddress))
        {
            await LocalApiRoutes.Refuse(context, StatusCodes.Status403Forbidden,
                $"the request comes from {context.Connection.RemoteIpAddress}; health is cleared on the node itself, from a loopback address such as 127.0.0.1").ConfigureAwait(false);
            return;
        }
        if (LocalApiRoutes.IsOfWebPage(context))
        {
            await LocalApiRoutes.Refuse(context, StatusCodes.Status403Forbidden, "the request comes from a web page; health is cleared with tools, such as gpu-agent health").ConfigureAwait(false);
            return;
        }
        // A web page that a person on the node looks at cannot send this type to another site unasked.
        if (!context.Request.HasJsonContentType())
        {
            await LocalApiRoutes.Refuse(context, StatusCodes.Status415UnsupportedMediaType,
                $"Content-Type is '{context.Request.ContentType}', expected application/json").ConfigureAwait(false);
            return;
        }
        var (request, error) = await Read(context).ConfigureAwait(false);
        if (request is null)
        {
            await LocalApiRoutes.Refuse(context, StatusCodes.Status400BadRequest, error).ConfigureAwait(false);
            return;
        }
        if (api.Health.Clearances.Ask(request) is not { } asked)
        {
            await LocalApiRoutes.Refuse(context, StatusCodes.Status503ServiceUnavailable, "too many requests to clear wait already; try again").ConfigureAwait(false);
            return;
        }
        try
        {
            var outcome = await asked.WaitAsync(Patience, api.Time, context.RequestAborted).ConfigureAwait(false);
            await (outcome.Error is { } refused
                ? LocalApiRoutes.Refuse(context, StatusCodes.Status404NotFound, refused)
                : LocalApiRoutes.Write(context, new ClearAnswer(Causes(outcome.Cleared), Causes(outcome.Kept), outcome.EventId), ApiJson.Readable.ClearAnswer)).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await LocalApiRoutes.Refuse(context, StatusCodes.Status503ServiceUnavailable, $"detection did not answer within {Patience.TotalSeconds} s; see /healthz").ConfigureAwait(false);
        }
    }

    /// <summary>True for an address of the node's own loopback.</summary>
    internal static bool IsLocal(IPAddress? address) => address is not null && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    private static async Task<(ClearRequest?, string)> Read(HttpContext context)
    {
        try
        {
            using var body = new MemoryStream();
            var piece = new byte[BytesAtMost + 1];
            for (int read; (read = await context.Request.Body.ReadAsync(piece, context.RequestAborted).ConfigureAwait(false)) > 0;)
            {
                body.Write(piece, 0, read);
                if (body.Length > BytesAtMost) return (null, $"the body is longer than {BytesAtMost} bytes");
            }
            var request = JsonSerializer.Deserialize(body.GetBuffer().AsSpan(0, (int)body.Length), ApiJson.Default.ClearRequest);
            return request is null ? (null, "the body is null") : Wrong(request) is { } wrong ? (null, wrong) : (request, "");
        }
        catch (JsonException fault)
        {
            return (null, $"the body is no JSON of the form {{\"gpu\":\"3\",\"component\":\"memory\",\"who\":\"alice\",\"why\":\"board was replaced\"}}: {fault.Message}");
        }
    }

    private static string? Wrong(ClearRequest request)
    {
        if (request.Gpu is null or "") return "gpu is missing: the index, UUID or PCI address of a GPU as a text, or node";
        if (request.Component is null || (request.Component.Length > 0 && !Components.All.Contains(request.Component)))
            return $"component is '{request.Component}', expected one of {string.Join(", ", Components.All)}, or none for all of them";
        if (request.Who is null || string.IsNullOrWhiteSpace(request.Who) || request.Who.Length > WordsAtMost) return $"who is missing or longer than {WordsAtMost} characters: the person who clears it, for the record";
        return request.Why is null || string.IsNullOrWhiteSpace(request.Why) || request.Why.Length > WordsAtMost
            ? $"why is missing or longer than {WordsAtMost} characters: the reason for clearing it, for the record" : null;
    }

    private static string[] Causes(IReadOnlyList<HealthReason> reasons) => [.. reasons.Select(static reason => reason.Cause)];
}
