using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Journal;
using Monitoring.Agent.Sampling;
using Xunit;

namespace Monitoring.Tests.Agent.Journal;

public sealed class CounterKeepingTests : IDisposable
{
    private readonly JournalDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task Counts_outlive_the_agent()
    {
        var ledger = new CounterLedger(directory.Time);
        using (var keeping = Keeping(ledger))
        {
            keeping.Load();
            ledger.Attach("GPU-a").Of("errors").Observe(5);
            await keeping.StopAsync(TestContext.Current.CancellationToken);
        }
        var again = new CounterLedger(directory.Time);
        using var next = Keeping(again);
        next.Load();

        again.Attach("GPU-a").Of("errors").State.Value.Should().Be(5);
        Directory.GetFiles(directory.DirectoryPath).Should().ContainSingle();
    }

    [Fact]
    public void A_damaged_file_costs_the_counts_and_nothing_else()
    {
        File.WriteAllText(Path.Combine(directory.DirectoryPath, "counters.json"), "{\"boot_id\":");
        var ledger = new CounterLedger(directory.Time);
        using var keeping = Keeping(ledger);
        keeping.Load();
        ledger.Attach("GPU-a").Of("errors").Observe(2);
        keeping.Save(TimeSpan.Zero);

        var again = new CounterLedger(directory.Time);
        using var next = Keeping(again);
        next.Load();
        again.Attach("GPU-a").Of("errors").State.Value.Should().Be(2);
    }

    [Fact]
    public void A_full_disk_leaves_the_file_as_it_was()
    {
        using var disk = new Segments.SmallDisk("64k");
        var ledger = new CounterLedger(directory.Time);
        using var keeping = new CounterKeeping(ledger, disk.DirectoryPath, JournalDirectory.Node, directory.Time, NullLogger<CounterKeeping>.Instance);
        ledger.Attach("GPU-a").Of("errors").Observe(2);
        keeping.Save(TimeSpan.Zero);
        File.WriteAllBytes(Path.Combine(disk.DirectoryPath, "ballast"), new byte[56 << 10]);
        for (var gpu = 0; gpu < 60; gpu++)
            for (var count = 0; count < 20; count++) ledger.Attach($"GPU-{gpu}").Of($"a count with a long name {count}").Observe(2);
        keeping.Save(TimeSpan.Zero);

        var again = new CounterLedger(directory.Time);
        again.Restore(File.ReadAllBytes(Path.Combine(disk.DirectoryPath, "counters.json")), "boot-1");
        again.Attach("GPU-a").Of("errors").State.Value.Should().Be(2);
    }

    private CounterKeeping Keeping(CounterLedger ledger) => new(ledger, directory.DirectoryPath, JournalDirectory.Node, directory.Time, NullLogger<CounterKeeping>.Instance);
}
