using FluentAssertions;
using Monitoring.Collector.Search.Sources;
using Monitoring.Tests.Collector.Captures;
using Xunit;

namespace Monitoring.Tests.Collector.Search.Sources;

public sealed class SettledCapturesTests : IDisposable
{
    private readonly string path = Path.GetTempFileName();

    public void Dispose() => File.Delete(path);

    [Fact]
    public void Ids_outlive_the_process_once_they_are_committed()
    {
        using (var settled = SettledCaptures.Open(path))
        {
            settled.Add(SomeCapture.IdOf(1));
            settled.Commit();
            settled.Add(SomeCapture.IdOf(2));
        }

        using var again = SettledCaptures.Open(path);
        again.Has(SomeCapture.IdOf(1)).Should().BeTrue();
        again.Has(SomeCapture.IdOf(2)).Should().BeFalse();
    }

    [Fact]
    public void A_line_that_was_cut_off_is_no_id_and_swallows_none()
    {
        File.WriteAllText(path, SomeCapture.IdOf(1) + "\n" + SomeCapture.IdOf(2)[..7]);
        using (var settled = SettledCaptures.Open(path))
        {
            settled.Add(SomeCapture.IdOf(3));
            settled.Commit();
        }

        using var again = SettledCaptures.Open(path);
        again.Has(SomeCapture.IdOf(1)).Should().BeTrue();
        again.Has(SomeCapture.IdOf(3)).Should().BeTrue();
    }

    [Fact]
    public void Captures_that_are_gone_are_forgotten()
    {
        using var settled = SettledCaptures.Open(path);
        settled.Add(SomeCapture.IdOf(1));
        settled.Add(SomeCapture.IdOf(2));
        settled.Commit();

        settled.Keep(new HashSet<string> { SomeCapture.IdOf(2) });
        settled.Add(SomeCapture.IdOf(3));
        settled.Commit();

        File.ReadAllLines(path).Where(static line => line.Length > 0).Should().BeEquivalentTo([SomeCapture.IdOf(2), SomeCapture.IdOf(3)]);
    }
}
