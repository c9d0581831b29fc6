namespace Microsoft.Extensions.Hosting.Systemd;

/// <summary>Tells the service manager about the state of this service.</summary>
public interface ISystemdNotifier
{
    /// <summary>Whether a notification socket was given; without one <see cref="Notify"/> does nothing.</summary>
    bool IsEnabled { get; }

    /// <summary>Sends one state, see sd_notify(3).</summary>
    void Notify(ServiceState state);
}
