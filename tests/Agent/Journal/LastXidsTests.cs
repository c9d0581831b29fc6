using FluentAssertions;
using Monitoring.Agent.Journal;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.Agent.Journal;

public sealed class LastXidsTests : IDisposable
{
    private readonly JournalDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void The_last_xid_of_a_gpu_is_that_of_the_newest_event_of_any_source()
    {
        using var journal = directory.Open();
        journal.LastXid(JournalDirectory.Gpu.Uuid).Should().BeNull();
        journal.Append(directory.Xid(1, code: 48));
        journal.Append(directory.Xid(2, code: 79));
        journal.Append(directory.Xid(3, code: 31) with { Gpu = new GpuReference(0, "GPU-bbbb") });
        journal.Append(directory.Xid(4, code: 13) with { Gpu = null });
        journal.Append(directory.Xid(5, code: 3) with { Kind = EventKinds.Ecc });
        // A source that reads a line again tells nothing new.
        journal.Append(directory.Xid(1, code: 48));

        journal.LastXid(JournalDirectory.Gpu.Uuid).Should().Be(79);
        journal.LastXid("GPU-bbbb").Should().Be(31);
    }

    [Fact]
    public void Another_start_of_the_agent_clears_it_as_one_of_dcgm_exporter_does()
    {
        using (var journal = directory.Open()) journal.Append(directory.Xid(1));
        using var again = directory.Open();

        again.LastXid(JournalDirectory.Gpu.Uuid).Should().BeNull();
        again.Append(directory.Xid(2, code: 94));
        again.LastXid(JournalDirectory.Gpu.Uuid).Should().Be(94);
    }

    [Fact]
    public void Gpus_that_come_and_go_do_not_fill_it()
    {
        var xids = new LastXids();
        for (var gpu = 0; gpu < 10 * EventCounters.GpusAtMost; gpu++) xids.Add(directory.Xid(gpu) with { Gpu = new GpuReference(0, $"GPU-{gpu}") });

        Enumerable.Range(0, 10 * EventCounters.GpusAtMost).Count(gpu => xids.Of($"GPU-{gpu}") is not null).Should().Be(EventCounters.GpusAtMost);
    }
}
