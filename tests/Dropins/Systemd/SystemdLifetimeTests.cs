using System.Runtime.InteropServices;
using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Xunit;

namespace Monitoring.Tests.Dropins.Systemd;

public sealed class SystemdLifetimeTests
{
    [Fact]
    public async Task Ready_is_sent_after_the_services_have_started_and_stopping_before_they_stop()
    {
        using NotifySocket manager = new(isAbstract: true);
        SlowService service = new(manager);
        using IHost host = Build(manager.Variable, services => services.AddSingleton<IHostedService>(service));

        await host.StartAsync();
        service.HadBeenToldReady.Should().BeFalse();
        manager.Receive().Should().Be("READY=1");
        await host.StopAsync();

        service.HadBeenToldStopping.Should().BeTrue();
        manager.Receive().Should().Be("STOPPING=1");
        manager.HasMore.Should().BeFalse();
    }

    [Fact]
    public async Task Sigterm_stops_the_host_in_place_of_the_process()
    {
        using NotifySocket manager = new(isAbstract: true);
        using IHost host = Build(manager.Variable);
        await host.StartAsync();
        PosixSignalContext signal = new(PosixSignal.SIGTERM);

        host.Services.GetRequiredService<IHostLifetime>().Should().BeOfType<SystemdLifetime>().Which.OnTerminate(signal);
        await host.WaitForShutdownAsync();

        signal.Cancel.Should().BeTrue();
        manager.Receive().Should().Be("READY=1");
        manager.Receive().Should().Be("STOPPING=1");
    }

    [Fact]
    public async Task A_service_may_send_states_of_its_own()
    {
        using NotifySocket manager = new(isAbstract: true);
        using IHost host = Build(manager.Variable);
        await host.StartAsync();
        manager.Receive();

        host.Services.GetRequiredService<ISystemdNotifier>().Notify(new ServiceState("WATCHDOG=1"));

        manager.Receive().Should().Be("WATCHDOG=1");
    }

    [Fact]
    public void Without_systemd_nothing_is_registered()
    {
        ServiceCollection services = [];

        services.AddSystemd(new SystemdEnvironment(100, null, null, null, "bash")).Should().BeSameAs(services);

        services.Should().BeEmpty();
    }

    [Fact]
    public void The_journals_console_format_is_chosen_for_a_service_and_not_behind_a_wrapper()
    {
        Formatter("100").Should().Be(ConsoleFormatterNames.Systemd);
        Formatter(null).Should().BeNull();

        static string? Formatter(string? executed)
        {
            ServiceCollection services = [];
            services.AddOptions();
            services.AddSystemd(new SystemdEnvironment(100, executed, "/run/systemd/notify", null, "bash"));
            return services.BuildServiceProvider().GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value.FormatterName;
        }
    }

    [Fact]
    public void The_extensions_return_what_they_were_given()
    {
        HostBuilder builder = new();

        builder.UseSystemd().Should().BeSameAs(builder);
        builder.Build().Services.GetRequiredService<IHostLifetime>().Should().NotBeNull();
    }

    private static IHost Build(string notifySocket, Action<IServiceCollection>? configure = null)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Logging.ClearProviders();
        configure?.Invoke(builder.Services);
        builder.Services.AddSystemd(new SystemdEnvironment(100, "100", notifySocket, null, "systemd"));
        return builder.Build();
    }

    private sealed class SlowService(NotifySocket manager) : IHostedService
    {
        internal bool HadBeenToldReady { get; private set; }

        internal bool HadBeenToldStopping { get; private set; }

        public Task StartAsync(CancellationToken cancellationToken)
        {
            HadBeenToldReady = manager.HasMore;
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            HadBeenToldStopping = manager.HasMore;
            return Task.CompletedTask;
        }
    }
}
