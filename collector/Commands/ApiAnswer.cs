using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Monitoring.Contracts.Commands;

namespace Monitoring.Collector.Commands;

/// <summary>Answers as JSON, and bodies within a limit.</summary>
internal static class ApiAnswer
{
    // Of a value that someone sent a person needs to see no more than this.
    private const int LongestShown = 100;

    /// <summary>A value that someone sent, as a message shows it.</summary>
    public static string Shown(string? value) => value is null ? "" : value.Length <= LongestShown ? value : value[..LongestShown] + "...";

    /// <summary>Answers with a value.</summary>
    public static Task AnswerAsync<T>(this HttpContext context, int status, T value, JsonTypeInfo<T> type)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(context.Response.Body, value, type, context.RequestAborted);
    }

    /// <summary>Answers with what is wrong.</summary>
    public static Task RefuseAsync(this HttpContext context, int status, string reason, string error, IReadOnlyList<FieldProblem>? problems = null) =>
        context.AnswerAsync(status, new CommandError(reason, error, problems), OrderJson.Readable.CommandError);

    /// <summary>Reads a body; null, with the refusal answered, where it is longer than the limit or did not come whole.</summary>
    public static async Task<byte[]?> ReadBodyAsync(this HttpContext context, int bytesAtMost)
    {
        if (context.Request.ContentLength > bytesAtMost) return await TooLargeAsync(context, bytesAtMost);
        using var body = new MemoryStream();
        var buffer = new byte[16 << 10];
        try
        {
            while (await context.Request.Body.ReadAsync(buffer, context.RequestAborted) is var read and > 0)
            {
                if (body.Length + read > bytesAtMost) return await TooLargeAsync(context, bytesAtMost);
                body.Write(buffer, 0, read);
            }

            return body.ToArray();
        }
        catch (BadHttpRequestException)
        {
            await context.RefuseAsync(StatusCodes.Status400BadRequest, "body", "the body ended before the length that was announced");
            return null;
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException)
        {
            // The sender hung up; nobody will read an answer.
            return null;
        }
    }

    /// <summary>Reads JSON; null, with the refusal answered, where it is none of the kind.</summary>
    public static async Task<T?> ReadJsonAsync<T>(this HttpContext context, int bytesAtMost, JsonTypeInfo<T> type)
        where T : class
    {
        if (await context.ReadBodyAsync(bytesAtMost) is not { } body) return null;
        try
        {
            if (JsonSerializer.Deserialize(body, type) is { } value) return value;
            await context.RefuseAsync(StatusCodes.Status400BadRequest, "body", "the body is 'null', expected a JSON object");
        }
        catch (JsonException fault)
        {
            await context.RefuseAsync(StatusCodes.Status400BadRequest, "body", Words(fault));
        }

        return null;
    }

    /// <summary>The address that a request came from.</summary>
    public static string Remote(this HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "";

    /// <summary>What is wrong with JSON, without the names of types.</summary>
    public static string Words(JsonException fault)
    {
        var text = fault.Message;
        foreach (var space in (string[])["Monitoring.Contracts.Commands.", "Monitoring.Contracts.Captures.", "Monitoring.Collector.Commands."]) text = text.Replace(space, "", StringComparison.Ordinal);
        return $"the body is not as expected: {(text.Length <= 300 ? text : text[..300] + "...")}";
    }

    private static async Task<byte[]?> TooLargeAsync(HttpContext context, int bytesAtMost)
    {
        // What was announced and not read cannot be told from the next request.
        context.Response.Headers.Connection = "close";
        await context.RefuseAsync(StatusCodes.Status413PayloadTooLarge, "body", $"the body is longer than {bytesAtMost} bytes");
        return null;
    }
}
