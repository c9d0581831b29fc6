using FluentAssertions;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Monitoring.Tests.Dropins.Systemd;

public sealed class SystemdNotifierTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void States_arrive_at_the_socket_one_datagram_each(bool isAbstract)
    {
        using NotifySocket manager = new(isAbstract);
        SystemdNotifier notifier = new(manager.Variable, NullLogger.Instance);

        notifier.Notify(ServiceState.Ready);
        notifier.Notify(new ServiceState("WATCHDOG=1"));
        notifier.Notify(new ServiceState("STATUS=8 GPUs, 80 °C\nEXTEND_TIMEOUT_USEC=1000000"));

        notifier.IsEnabled.Should().BeTrue();
        manager.Receive().Should().Be("READY=1");
        manager.Receive().Should().Be("WATCHDOG=1");
        manager.Receive().Should().Be("STATUS=8 GPUs, 80 °C\nEXTEND_TIMEOUT_USEC=1000000");
        notifier.Undelivered.Should().Be(0);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Without_a_socket_nothing_is_sent(string? socket)
    {
        SystemdNotifier notifier = new(socket, NullLogger.Instance);

        notifier.Notify(ServiceState.Ready);

        notifier.IsEnabled.Should().BeFalse();
        notifier.Undelivered.Should().Be(0);
    }

    [Theory]
    [InlineData("/run/nobody/listens/here")]
    [InlineData("@nobody-listens-here")]
    [InlineData("/a/path/that/is/longer/than/the/one/hundred/and/eight/bytes/that/a/unix/socket/address/can/hold/on/this/operating/system")]
    public void A_socket_that_is_gone_is_counted_and_logged_once(string socket)
    {
        CollectingLogger log = new();
        SystemdNotifier notifier = new(socket, log);

        notifier.Notify(ServiceState.Ready);
        notifier.Notify(new ServiceState("WATCHDOG=1"));

        notifier.Undelivered.Should().Be(2);
        log.Entries.Should().ContainSingle().Which.Message.Should().StartWith($"systemd was not reached at {socket} with READY=1: ");
    }

    [Fact]
    public void A_manager_that_does_not_read_holds_a_send_up_for_the_timeout_only()
    {
        using NotifySocket manager = new(isAbstract: true);
        SystemdNotifier notifier = new(manager.Variable, NullLogger.Instance, TimeSpan.FromMilliseconds(20));

        // The queue of a Unix datagram socket takes 10 to some hundreds of messages (net.unix.max_dgram_qlen).
        for (int sent = 0; sent < 10_000 && notifier.Undelivered == 0; sent++)
            notifier.Notify(new ServiceState("WATCHDOG=1"));

        notifier.Undelivered.Should().Be(1);
    }

    [Fact]
    public void A_state_shows_its_text() => (ServiceState.Stopping.ToString(), default(ServiceState).ToString()).Should().Be(("STOPPING=1", ""));
}
