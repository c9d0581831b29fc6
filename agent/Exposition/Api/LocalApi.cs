using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Health;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Exposition.Api;

/// <summary>What the local API answers from.</summary>
/// <param name="Health">The one judge of health.</param>
/// <param name="Node">The GPUs that are read.</param>
/// <param name="Freshness">Which of their readings may still be shown.</param>
/// <param name="Rules">Where every instance of every rule stands.</param>
/// <param name="Journal">The newest events.</param>
/// <param name="Time">The clock.</param>
internal sealed record LocalApi(
    HealthEvaluator Health, NodeSampler Node, Freshness Freshness, Func<IReadOnlyList<RuleStatus>> Rules, IEventJournal Journal, TimeProvider Time);

/// <summary>The routes under <c>/api/v1</c>: read-only, but for the clearing of health.</summary>
internal static class LocalApiRoutes
{
    internal const string Health = "/api/v1/health";

    /// <summary>Maps every route.</summary>
    internal static void MapLocalApi(this IEndpointRouteBuilder routes, LocalApi api)
    {
        routes.MapGet(Health, context => HealthEndpoint.Answer(context, api));
        routes.MapPost(Health + "/clear", context => ClearEndpoint.Answer(context, api));
        routes.MapGet("/api/v1/rules", context => RulesEndpoint.Answer(context, api));
        routes.MapGet("/api/v1/events", context => EventsEndpoint.Answer(context, api));
        routes.MapGet("/api/v1/gpus", context => GpusEndpoint.Answer(context, api));
    }

    internal static Task Write<T>(HttpContext context, T answer, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return JsonSerializer.SerializeAsync(context.Response.Body, answer, type, context.RequestAborted);
    }

    internal static Task Refuse(HttpContext context, int status, string error) => Write(context, new ApiError(error), ApiJson.Readable.ApiError, status);

    /// <summary>
    /// True for a request that a web page sends, which could be one from anywhere whose name was made to lead to this node. Browsers say
    /// with every request that changes something where its page is from; people's tools do not.
    /// </summary>
    internal static bool IsOfWebPage(HttpContext context) => context.Request.Headers.ContainsKey("Origin") || context.Request.Headers.ContainsKey("Sec-Fetch-Site");

    /// <summary>The first query parameter that a route does not know, in words; null where all are known.</summary>
    internal static string? UnknownParameter(HttpContext context, params string[] known)
    {
        var unknown = context.Request.Query.Keys.FirstOrDefault(key => !known.Contains(key, StringComparer.Ordinal));
        if (unknown is null) return null;
        return $"'{unknown}' is no parameter of {context.Request.Path}; {(known is [] ? "it has none" : $"it has {string.Join(", ", known)}")}";
    }
}
