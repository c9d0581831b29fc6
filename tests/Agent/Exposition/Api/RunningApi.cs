using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Agent.Devices;
using Monitoring.Agent.Exposition.Api;
using Monitoring.Agent.Sampling;
using Monitoring.Tests.Agent.Detection.Health;

namespace Monitoring.Tests.Agent.Exposition.Api;

/// <summary>The local API over HTTP, in front of an evaluator that the test plays.</summary>
internal sealed class RunningApi : IAsyncDisposable
{
    private readonly HttpClient http = new();
    private readonly WebApplication app;

    /// <param name="node">The GPUs that are read; without it, none are.</param>
    internal RunningApi(NodeSampler? node = null, TimeProvider? time = null)
    {
        time ??= Test.Time;
        var sampling = new SamplingSettings();
        node ??= new NodeSampler("test", "node-1", new DeviceSettings(), sampling, time, NullLogger<NodeSampler>.Instance);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "gpu-agent" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        app = builder.Build();
        app.UseRouting();
        app.MapLocalApi(new LocalApi(Test.Health, node, new Freshness(sampling, time), () => Rules, Test.Journal, time));
    }

    internal HealthUnderTest Test { get; } = new();

    internal List<RuleStatus> Rules { get; } = [];

    internal Uri Address => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    internal Task StartAsync() => app.StartAsync();

    internal async Task<(HttpStatusCode Status, string Body)> GetAsync(string path)
    {
        using var answer = await http.GetAsync(new Uri(Address, path));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Asks to clear, while detection looks again and again.</summary>
    internal async Task<(HttpStatusCode Status, string Body)> ClearAsync(string body, string type = "application/json")
    {
        using var content = new StringContent(body, Encoding.UTF8, type);
        var asked = http.PostAsync(new Uri(Address, "/api/v1/health/clear"), content);
        await Eventually.HoldsAsync("the agent answers", () =>
        {
            Test.Health.Look();
            return asked.IsCompleted;
        });
        using var answer = await asked;
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        http.Dispose();
    }
}
