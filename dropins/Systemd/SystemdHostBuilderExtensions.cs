using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Microsoft.Extensions.Hosting;

/// <summary>Ties a host to systemd when systemd runs it, and does nothing otherwise.</summary>
public static class SystemdHostBuilderExtensions
{
    /// <summary>See <see cref="AddSystemd(IServiceCollection)"/>.</summary>
    public static IHostBuilder UseSystemd(this IHostBuilder hostBuilder)
    {
        ArgumentNullException.ThrowIfNull(hostBuilder);
        return hostBuilder.ConfigureServices(static services => services.AddSystemd());
    }

    /// <summary>
    /// Registers <see cref="SystemdLifetime"/> and <see cref="ISystemdNotifier"/> when systemd started this process or gave it
    /// a notification socket. The unit needs <c>Type=notify</c> (or <c>notify-reload</c>) for READY=1 to count.
    /// </summary>
    public static IServiceCollection AddSystemd(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.AddSystemd(SystemdEnvironment.Current());
    }

    internal static IServiceCollection AddSystemd(this IServiceCollection services, SystemdEnvironment environment)
    {
        if (!environment.WantsNotifications || !OperatingSystem.IsLinux())
            return services;

        // Only the console provider of Microsoft.Extensions.Logging reads this; with Serilog it has no effect.
        if (environment.IsService)
            services.Configure<ConsoleLoggerOptions>(static options => options.FormatterName = ConsoleFormatterNames.Systemd);

        services.AddSingleton<ISystemdNotifier>(provider => new SystemdNotifier(
            environment.NotifySocket, provider.GetRequiredService<ILoggerFactory>().CreateLogger<SystemdNotifier>()));
        return services.AddSingleton<IHostLifetime, SystemdLifetime>();
    }
}
