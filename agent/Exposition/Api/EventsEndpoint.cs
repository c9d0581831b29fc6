using System.Globalization;

namespace Monitoring.Agent.Exposition.Api;

/// <summary><c>GET /api/v1/events[?limit=N]</c>: the newest events of the journal, oldest first.</summary>
internal static class EventsEndpoint
{
    private const int Default = 100;
    private const int Most = 1000;

    internal static Task Answer(HttpContext context, LocalApi api)
    {
        if (LocalApiRoutes.UnknownParameter(context, "limit") is { } unknown) return LocalApiRoutes.Refuse(context, StatusCodes.Status400BadRequest, unknown);
        var text = context.Request.Query["limit"].ToString();
        var limit = Default;
        if (text.Length > 0 && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > Most))
            return LocalApiRoutes.Refuse(context, StatusCodes.Status400BadRequest, $"limit is '{text}', expected a number from 1 to {Most}, such as {Default}");
        return LocalApiRoutes.Write(context, new EventList(api.Journal.Recent(limit)), ApiJson.Readable.EventList);
    }
}
