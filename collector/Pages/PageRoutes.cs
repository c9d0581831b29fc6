namespace Monitoring.Collector.Pages;

/// <summary>Where people look with a browser.</summary>
internal static class PageRoutes
{
    /// <summary>Adds the pages.</summary>
    public static void AddPages(this IServiceCollection services) => services.AddSingleton<EventsPage>().AddSingleton<CapturesPage>().AddSingleton<LogsPage>();

    /// <summary>Maps the pages.</summary>
    public static void MapPages(this WebApplication app)
    {
        app.MapGet("/", (RequestDelegate)StartPage.HandleAsync);
        app.MapGet(EventsPage.Path, (RequestDelegate)app.Services.GetRequiredService<EventsPage>().HandleAsync);
        app.MapGet(CapturesPage.Path, (RequestDelegate)app.Services.GetRequiredService<CapturesPage>().HandleAsync);
        app.MapGet(LogsPage.Path, (RequestDelegate)app.Services.GetRequiredService<LogsPage>().HandleAsync);
    }

    /// <summary>Answers what is wrong, below the form that it was asked with.</summary>
    internal static Task ProblemAsync(HttpContext context, int status, string path, string title, Html page, string problem)
    {
        page.Add($"<p class=\"problem\">{problem}</p>\n");
        return PageFrame.AnswerAsync(context, status, path, title, page);
    }

    /// <summary>Answers that too many ask at once.</summary>
    internal static Task BusyAsync(HttpContext context, string path, string title, Html page)
    {
        context.Response.Headers.RetryAfter = "1";
        return ProblemAsync(context, StatusCodes.Status429TooManyRequests, path, title, page, "Too many queries are in work or waiting already; ask again.");
    }
}
