using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Monitoring.Agent.Capture;
using Monitoring.Agent.Hosting;
using Monitoring.Agent.Sampling;
using Monitoring.Agent.Shipping.Commands;
using Monitoring.Tests.Agent.Shipping.Commands;
using Xunit;

namespace Monitoring.Tests.Agent.Hosting;

public sealed class CommandStagesTests
{
    [Fact]
    public async Task With_a_collector_its_budget_holds_and_the_stream_is_held_open()
    {
        await using var provider = Build(new Uri("http://collector:9461"));

        provider.GetRequiredService<ICaptureLeases>().Should().BeOfType<LeaseClient>();
        provider.GetServices<ICaptureListener>().Should().ContainSingle().Which.Should().BeOfType<ProgressReporter>();
        provider.GetServices<IHostedService>().Select(static service => service.GetType()).Should().Equal(typeof(ProgressReporter), typeof(CommandStream));
        var readings = new NodeReadings();
        provider.RegisterCommands(readings);
        readings.Read(MetricTable.SinkSent).Select(static reading => reading.Value).Should().Equal(0, 0);
    }

    [Fact]
    public async Task Without_a_collector_the_node_keeps_its_own_budget()
    {
        await using var provider = Build(null);

        provider.GetRequiredService<ICaptureLeases>().Should().BeOfType<NoFleetBudget>();
        provider.GetServices<IHostedService>().Should().BeEmpty();
    }

    private static ServiceProvider Build(Uri? collector)
    {
        var settings = new AgentSettings { Node = "n1", StateDirectory = "" };
        settings.Collector.Endpoint = collector;
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<ICaptureLeases, NoFleetBudget>().AddSingleton<ICaptureDesk>(new MemoryDesk("n1"));
        services.AddCommands(settings, TimeProvider.System);
        return services.BuildServiceProvider();
    }
}
