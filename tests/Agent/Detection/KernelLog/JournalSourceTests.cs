using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.KernelLog;
using Xunit;

namespace Monitoring.Tests.Agent.Detection.KernelLog;

public sealed class JournalSourceTests : IDisposable
{
    private const string Line = """{"__CURSOR":"s=1;i=2","__REALTIME_TIMESTAMP":"1767225600500000","__MONOTONIC_TIMESTAMP":"20500000","_SOURCE_MONOTONIC_TIMESTAMP":"20000000","PRIORITY":"3","SYSLOG_IDENTIFIER":"kernel","MESSAGE":"NVRM: Xid (PCI:0000:01:00): 79, pid=1"}""";

    private readonly string folder = Directory.CreateTempSubdirectory("journal-").FullName;
    private readonly SightingQueue queue = new();

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void An_entry_has_the_kernels_time_and_text()
    {
        var entry = JournalEntry.Parse(Line)!;

        entry.Cursor.Should().Be("s=1;i=2");
        entry.Microseconds.Should().Be(20000000);
        entry.Time.Should().Be(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), "the journal took it over half a second later");
        entry.Text.Should().Be("NVRM: Xid (PCI:0000:01:00): 79, pid=1");
    }

    [Fact]
    public void The_identifier_that_the_journal_takes_off_a_programs_line_is_put_back() =>
        JournalEntry.Parse("""{"__CURSOR":"c","__REALTIME_TIMESTAMP":"1","__MONOTONIC_TIMESTAMP":"1","SYSLOG_IDENTIFIER":"NVRM","MESSAGE":"Xid (PCI:0000:01:00): 79"}""")!
            .Text.Should().Be("NVRM: Xid (PCI:0000:01:00): 79");

    [Fact]
    public void A_message_of_bytes_is_read() =>
        JournalEntry.Parse("""{"__CURSOR":"c","__REALTIME_TIMESTAMP":"1","__MONOTONIC_TIMESTAMP":"1","MESSAGE":[78,86,255]}""")!.Text.Should().Be("NV\ufffd");

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"__CURSOR":7}""")]
    [InlineData("""{"__CURSOR":"c","__REALTIME_TIMESTAMP":"x","__MONOTONIC_TIMESTAMP":"1","MESSAGE":"a"}""")]
    [InlineData("""{"__CURSOR":"c","__REALTIME_TIMESTAMP":"1","__MONOTONIC_TIMESTAMP":"1","MESSAGE":null}""")]
    [InlineData("""{"__CURSOR":"c","__REALTIME_TIMESTAMP":"1","__MONOTONIC_TIMESTAMP":"1","MESSAGE":[300]}""")]
    public void What_is_no_entry_is_none(string line) => JournalEntry.Parse(line).Should().BeNull();

    [Fact]
    public void An_entry_of_far_times_does_no_harm() =>
        JournalEntry.Parse("""{"__CURSOR":"c","__REALTIME_TIMESTAMP":"9223372036854775807","__MONOTONIC_TIMESTAMP":"0","MESSAGE":"a"}""").Should().NotBeNull();

    [Fact]
    public void Any_text_at_all_does_no_harm() => Prop.ForAll<NonNull<string>>(static text => _ = JournalEntry.Parse(text.Get)).Check(Fuzzing.Cases(100));

    [Fact]
    public void The_journal_and_the_device_give_a_record_the_same_key()
    {
        var entry = JournalEntry.Parse(Line)!;

        LineKey.Of(entry.Microseconds, entry.Text).Should().Be(LineKey.Of(20000000, "NVRM: Xid (PCI:0000:01:00): 79, pid=1  "));
    }

    [Fact]
    public void The_program_is_followed_from_the_cursor_on_and_ended_with_the_source()
    {
        var source = Source($"printf '%s\\n' \"$*\" > {folder}/arguments; printf '%s\\n' '{Line}'; printf 'no entry\\n'; exec sleep 600");
        source.Start(queue, "s=1;i=1");

        var items = new List<object>();
        Eventually.Holds("both lines are read", () => Collect(items).Count == 2 && source.Lost == 1);
        source.Stop();

        items[0].Should().BeOfType<Sighting>().Which.Should().BeEquivalentTo(new { Source = "journal", Code = 79, Key = LineKey.Of(20000000, "NVRM: Xid (PCI:0000:01:00): 79, pid=1") });
        items[1].Should().Be(new SourceCursor("journal", "s=1;i=2"));
        File.ReadAllText(Path.Combine(folder, "arguments")).Should().Be("--dmesg --output=json --follow --no-tail --no-pager --quiet --after-cursor=s=1;i=1\n");
        source.Records.Should().Be(1);
    }

    [Fact]
    public void A_program_that_fails_is_told_with_its_words()
    {
        var source = Source("echo 'No journal files were opened due to insufficient permissions.' >&2; exit 1");
        source.Start(queue, null);

        Eventually.Holds("the trouble is told", () => source.Trouble.Contains("insufficient permissions", StringComparison.Ordinal));
        source.Stop();
    }

    [Fact]
    public void A_program_that_is_missing_is_told()
    {
        var source = new JournalSource(Path.Combine(folder, "none"), static () => true, LineContext.None, TimeProvider.System, NullLogger<JournalSource>.Instance);
        source.Start(queue, null);

        Eventually.Holds("the trouble is told", () => source.Trouble.Contains("cannot be started", StringComparison.Ordinal));
        source.Stop();
    }

    private List<object> Collect(List<object> items)
    {
        while (queue.TryTake(out var item)) items.Add(item);
        return items;
    }

    private JournalSource Source(string script)
    {
        var program = Path.Combine(folder, "journalctl");
        File.WriteAllText(program, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return new JournalSource(program, static () => true, LineContext.None, TimeProvider.System, NullLogger<JournalSource>.Instance);
    }
}
