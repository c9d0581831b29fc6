using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Monitoring.Tests.EndToEnd;

/// <summary>Whom Alertmanager tells: it keeps every alert of every message. It also shows a page of metrics that a test writes.</summary>
internal sealed class AlertReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<ReceivedAlert> _received = new();
    private readonly WebApplication _app;

    internal AlertReceiver()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "receiver" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    internal Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <summary>What <c>/metrics</c> shows.</summary>
    internal string Page { get; set; } = "";

    internal IReadOnlyList<ReceivedAlert> Received => [.. _received];

    internal Task StartAsync() => _app.StartAsync();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        if (HttpMethods.IsGet(context.Request.Method))
        {
            context.Response.ContentType = "text/plain; version=0.0.4";
            await context.Response.WriteAsync(Page);
            return;
        }
        using var message = await JsonDocument.ParseAsync(context.Request.Body);
        foreach (var alert in message.RootElement.GetProperty("alerts").EnumerateArray())
            _received.Enqueue(new ReceivedAlert(context.Request.Path.Value!.TrimStart('/'), alert.GetProperty("status").GetString() == "firing", Map(alert.GetProperty("labels")), Map(alert.GetProperty("annotations"))));
    }

    private static Dictionary<string, string> Map(JsonElement map) => map.EnumerateObject().ToDictionary(static one => one.Name, static one => one.Value.GetString()!, StringComparer.Ordinal);
}

/// <summary>An alert as Alertmanager told of it.</summary>
/// <param name="Receiver">Which of the receivers of <c>alertmanager.yml</c> got it.</param>
/// <param name="IsFiring">False where it says that it is over.</param>
internal sealed record ReceivedAlert(string Receiver, bool IsFiring, IReadOnlyDictionary<string, string> Labels, IReadOnlyDictionary<string, string> Annotations)
{
    internal string Name => Labels["alertname"];
}
