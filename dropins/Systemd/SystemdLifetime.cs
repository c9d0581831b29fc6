using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.Hosting.Systemd;

/// <summary>Sends READY=1 once the host has started and STOPPING=1 when it begins to stop; stops the host on SIGTERM.</summary>
[UnsupportedOSPlatform("android")]
[UnsupportedOSPlatform("browser")]
[UnsupportedOSPlatform("ios")]
[UnsupportedOSPlatform("maccatalyst")]
[UnsupportedOSPlatform("tvos")]
#pragma warning disable CA1063 // The package's Dispose is not virtual either; nothing derives from this type.
public partial class SystemdLifetime : IHostLifetime, IDisposable
#pragma warning restore CA1063
{
    private readonly IHostEnvironment _environment;
    private readonly IHostApplicationLifetime _application;
    private readonly ISystemdNotifier _notifier;
    private readonly ILogger _logger;
    private CancellationTokenRegistration _started;
    private CancellationTokenRegistration _stopping;
    private PosixSignalRegistration? _terminate;

    /// <summary>All services come from the host.</summary>
    public SystemdLifetime(
        IHostEnvironment environment, IHostApplicationLifetime applicationLifetime, ISystemdNotifier systemdNotifier, ILoggerFactory loggerFactory)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(applicationLifetime);
        ArgumentNullException.ThrowIfNull(systemdNotifier);
        ArgumentNullException.ThrowIfNull(loggerFactory);
        _environment = environment;
        _application = applicationLifetime;
        _notifier = systemdNotifier;
        _logger = loggerFactory.CreateLogger("Microsoft.Hosting.Lifetime");
    }

    /// <summary>Subscribes to the host's life; the host itself starts at once.</summary>
    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        _started = _application.ApplicationStarted.Register(OnStarted);
        _stopping = _application.ApplicationStopping.Register(OnStopping);
        // Only SIGTERM: it is what systemd sends. Others keep their default effect.
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnTerminate);
        return Task.CompletedTask;
    }

    /// <summary>Nothing is left to do: STOPPING=1 was sent when the stop began.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Ends the subscriptions; a later SIGTERM has its default effect again.</summary>
#pragma warning disable CA1816 // No finalizer, see above.
    public void Dispose()
#pragma warning restore CA1816
    {
        _terminate?.Dispose();
        _started.Dispose();
        _stopping.Dispose();
    }

    /// <summary>Stops the host in place of the signal's default effect, which is the process's end.</summary>
    internal void OnTerminate(PosixSignalContext context)
    {
        context.Cancel = true;
        _application.StopApplication();
    }

    private void OnStarted()
    {
        LogStarted(_logger, _environment.EnvironmentName, _environment.ContentRootPath);
        _notifier.Notify(ServiceState.Ready);
    }

    private void OnStopping()
    {
        LogStopping(_logger);
        _notifier.Notify(ServiceState.Stopping);
    }

    [LoggerMessage(EventId = 9102, Level = LogLevel.Information, Message = "Started. Environment: {EnvironmentName}; content root: {ContentRoot}")]
    private static partial void LogStarted(ILogger logger, string environmentName, string contentRoot);

    [LoggerMessage(EventId = 9103, Level = LogLevel.Information, Message = "Stopping.")]
    private static partial void LogStopping(ILogger logger);
}
