namespace Monitoring.Collector.Exposition;

/// <summary>Answers in words.</summary>
internal static class PlainAnswer
{
    /// <summary>Writes a status and a line.</summary>
    public static Task AnswerAsync(this HttpContext context, int status, string line)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(line + "\n", context.RequestAborted);
    }
}
