using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Journal;
using Xunit;

namespace Monitoring.Tests.Agent.Journal;

public sealed class JournalOpeningTests : IDisposable
{
    private readonly JournalDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void Without_a_directory_events_are_kept_in_memory()
    {
        using var journal = Open("");

        journal.Trouble.Should().Contain("no state_directory is set");
        journal.Append(directory.Xid(1)).Should().BeTrue();
        journal.Write();
        journal.Waiting.Should().Be(1);
    }

    [Fact]
    public void A_directory_that_cannot_be_written_is_said_and_events_are_kept_in_memory()
    {
        var file = Path.Combine(directory.DirectoryPath, "file");
        File.WriteAllText(file, "");

        using var journal = Open(file);

        journal.Trouble.Should().StartWith("events are kept in memory only:").And.Contain(file);
        journal.Append(directory.Xid(1)).Should().BeTrue();
    }

    [Fact]
    public void A_second_agent_does_not_write_into_the_first_ones_journal()
    {
        using var first = Open(directory.DirectoryPath);
        using var second = Open(directory.DirectoryPath);

        first.Trouble.Should().BeEmpty();
        second.Trouble.Should().Contain("in use by another process");
    }

    [Fact]
    public async Task An_event_is_safe_soon_after_it_was_appended()
    {
        using var journal = Open(directory.DirectoryPath);
        journal.Start();
        List<TimeSpan> times = [];
        for (var number = 1; number <= 50; number++)
        {
            var began = TimeProvider.System.GetTimestamp();
            var safe = journal.WaitAsync(TestContext.Current.CancellationToken);
            journal.Append(directory.Xid(number));
            await safe;
            times.Add(TimeProvider.System.GetElapsedTime(began));
            journal.Settle(journal.Oldest(1, 1)[0].Sequence);
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"slowest of 50: {times.Max().TotalMilliseconds} ms");
        times.Order().ElementAt(25).Should().BeLessThan(TimeSpan.FromSeconds(2), "the disk of a busy test machine may be slow");
    }

    [Theory]
    [InlineData("", null, "")]
    [InlineData("", "/var/lib/gpu-agent:/var/lib/other", "/var/lib/gpu-agent")]
    [InlineData("/srv/state", "/var/lib/gpu-agent", "/srv/state")]
    public void The_state_directory_is_the_one_set_else_systemds(string setting, string? variable, string expected) =>
        StateDirectory.Resolve(setting, name => name == "STATE_DIRECTORY" ? variable : null).Should().Be(expected);

    private static EventJournal Open(string stateDirectory) =>
        JournalOpening.Open(new JournalSettings(), stateDirectory, JournalDirectory.Node, isShipped: true, TimeProvider.System, NullLogger<EventJournal>.Instance);
}
