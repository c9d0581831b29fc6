using System.Globalization;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Journal;
using Xunit;

namespace Monitoring.Tests.Agent.Journal;

/// <summary>However much of the last file a sudden end left: no cursor stands beyond its events, and reading on from it counts each event once.</summary>
public sealed class SuddenEndProperties : IDisposable
{
    private const int Events = 200;
    private readonly JournalDirectory written = new();
    private readonly IReadOnlyList<string> files;

    public SuddenEndProperties()
    {
        using var journal = written.Open();
        for (var number = 1; number <= Events; number++)
        {
            See(journal, number);
            if (number % 7 == 0) journal.Write();
        }
        journal.Dispose();
        files = [.. Directory.GetFiles(written.DirectoryPath, "*.segment").Order(StringComparer.Ordinal)];
    }

    public void Dispose() => written.Dispose();

    [Fact]
    public void Each_event_is_counted_once() => Prop.ForAll(Gen.Choose(1, files.Count).SelectMany(static _ => Gen.Choose(0, 1 << 20), static (kept, bytes) => (kept, bytes)).ToArbitrary(), input =>
    {
        using var left = new JournalDirectory();
        foreach (var file in files.Take(input.kept)) File.Copy(file, Path.Combine(left.DirectoryPath, Path.GetFileName(file)));
        var last = Path.Combine(left.DirectoryPath, Path.GetFileName(files[input.kept - 1]));
        using (var cut = File.Open(last, FileMode.Open)) cut.SetLength(input.bytes % (cut.Length + 1));

        using var journal = left.Open();
        var cursor = int.Parse(journal.Cursor("kmsg") ?? "0", CultureInfo.InvariantCulture);
        journal.Recent(Events).Select(static record => record.Id).Should().StartWith(Enumerable.Range(1, cursor).Select(JournalDirectory.Id));
        JournalDirectory.Xids(journal).Should().Be(journal.Recent(Events).Count);
        for (var number = cursor + 1; number <= Events; number++) See(journal, number);
        journal.Write();

        JournalDirectory.Xids(journal).Should().Be(Events);
        JournalDirectory.Waiting(journal).Should().Equal(Enumerable.Range(1, Events).Select(JournalDirectory.Id));
        return true;
    }).Check(Fuzzing.Cases(100));

    private void See(EventJournal journal, int number)
    {
        journal.Append(written.Xid(number));
        journal.Append(new SourceCursor("kmsg", number.ToString(CultureInfo.InvariantCulture)));
    }
}
