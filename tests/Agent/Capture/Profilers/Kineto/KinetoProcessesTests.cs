using FluentAssertions;
using Monitoring.Agent.Capture.Profilers.Kineto;
using Monitoring.Agent.Devices.Sockets;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Profilers.Kineto;

public sealed class KinetoProcessesTests
{
    private readonly ManualTimeProvider time = new();
    private readonly KinetoProcesses processes;

    public KinetoProcessesTests() => processes = new KinetoProcesses(time);

    [Fact]
    public void A_process_is_known_by_what_the_kernel_says_and_keeps_what_it_claims()
    {
        Note(100, 1000, "a", new KinetoRequest.Configuration(3, 7, [1, 9]));

        processes.Known.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Pid = 100L, Uid = 1000u, JobId = 7L, OwnPids = new[] { 1, 9 }, IsBusy = false, Interval = TimeSpan.FromSeconds(5) });
        processes.CountOf(7).Should().Be(1);
        processes.CountOf(8).Should().Be(0);
    }

    [Fact]
    public void It_is_dropped_after_a_minute_of_silence()
    {
        Note(100, 1000, "a");
        time.Advance(TimeSpan.FromSeconds(60));
        processes.Known.Should().ContainSingle();

        time.Advance(TimeSpan.FromMilliseconds(1));

        processes.Known.Should().BeEmpty();
    }

    [Fact]
    public void How_often_it_asks_is_learned()
    {
        Note(100, 1000, "a");
        time.Advance(TimeSpan.FromSeconds(12));
        Note(100, 1000, "a");

        processes.Known.Should().ContainSingle().Which.Interval.Should().Be(TimeSpan.FromSeconds(12));
    }

    [Fact]
    public void Asking_twice_at_once_is_no_habit()
    {
        Note(100, 1000, "a");
        time.Advance(TimeSpan.FromMilliseconds(20));
        Note(100, 1000, "a");

        processes.Known.Should().ContainSingle().Which.Interval.Should().Be(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void Another_process_at_the_same_address_is_another_process()
    {
        Note(100, 1000, "a");
        time.Advance(TimeSpan.FromSeconds(12));
        Note(101, 1000, "a");

        processes.Known.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Pid = 101L, Interval = TimeSpan.FromSeconds(5) });
    }

    [Fact]
    public void One_user_cannot_take_the_places_of_others()
    {
        for (var pid = 1; pid <= 3000; pid++) Note(pid, 1000, $"hostile{pid}");

        processes.Known.Count.Should().Be(1024);
        Note(5000, 1001, "other").Should().NotBeNull();
        Note(5001, 1000, "one-more").Should().BeNull();
        Note(7, 1000, "hostile7").Should().NotBeNull("who is known stays so");
    }

    [Fact]
    public void One_process_cannot_either()
    {
        for (var name = 0; name < 100; name++) Note(77, 1000, $"n{name}");

        processes.Known.Count.Should().Be(8);
    }

    [Fact]
    public void There_is_a_limit_in_all_and_the_silent_make_room()
    {
        for (var pid = 1; pid <= 3000; pid++) Note(pid, (uint)(pid % 4), $"p{pid}");
        processes.Known.Count.Should().Be(KinetoProcesses.Most);

        time.Advance(TimeSpan.FromSeconds(61));

        Note(9000, 1, "new").Should().NotBeNull();
        processes.Known.Should().ContainSingle();
    }

    private KinetoProcess? Note(int pid, uint uid, string name, KinetoRequest.Configuration? request = null)
    {
        var address = DatagramAddress.Abstract(name + "\0");
        return processes.Note(new DatagramSender(address, pid, uid), address, request ?? new KinetoRequest.Configuration(3, 0, [pid]));
    }
}
