namespace Monitoring.Collector.Query;

/// <summary>Where captures are asked for.</summary>
internal static class CaptureRoutes
{
    private const string All = "/api/v1/captures";
    private const string One = All + "/{" + CaptureQueryEndpoint.RouteValue + "}";

    /// <summary>Maps the list, one capture, two compared, files, pins and the removal.</summary>
    public static void MapCaptureQueries(this WebApplication app)
    {
        var queries = app.Services.GetRequiredService<CaptureQueryEndpoint>();
        var files = app.Services.GetRequiredService<CaptureFileEndpoint>();
        app.MapGet(All, (RequestDelegate)queries.ListAsync);
        app.MapGet(All + "/compare", (RequestDelegate)app.Services.GetRequiredService<CaptureComparisonEndpoint>().HandleAsync);
        app.MapGet(One, (RequestDelegate)queries.FindAsync);
        app.MapDelete(One, (RequestDelegate)queries.RemoveAsync);
        app.MapPost(One + "/pin", (RequestDelegate)queries.PinAsync);
        app.MapDelete(One + "/pin", (RequestDelegate)queries.PinAsync);
        app.MapMethods(One + "/files/{" + CaptureFileEndpoint.RouteValue + "}", [HttpMethods.Get, HttpMethods.Head], (RequestDelegate)files.FileAsync);
        app.MapMethods(One + "/bundle.tar", [HttpMethods.Get, HttpMethods.Head], (RequestDelegate)files.TarAsync);
    }
}
