using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Elasticsearch.Connection;
using Xunit;

namespace Monitoring.Tests.Elasticsearch.Connection;

public sealed class RetryPausesTests
{
    [Fact]
    public void Pauses_double_up_to_the_longest()
    {
        var pauses = new RetryPauses(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60), static () => 0);
        Enumerable.Range(0, 9).Select(failures => pauses.After(failures, null).TotalSeconds).Should().Equal(1, 2, 4, 8, 16, 32, 60, 60, 60);
        pauses.Long.Should().Be(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public void What_the_server_asks_for_is_kept_up_to_an_hour()
    {
        var pauses = new RetryPauses(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60), static () => 0);
        pauses.After(0, TimeSpan.FromSeconds(90)).TotalSeconds.Should().Be(90);
        pauses.After(8, TimeSpan.FromSeconds(5)).TotalSeconds.Should().Be(60);
        pauses.After(0, TimeSpan.FromDays(40)).Should().Be(TimeSpan.FromHours(1));
    }

    [Fact]
    public void Every_pause_is_within_its_limits() => Prop.ForAll<ushort, ushort, int>(static (shortest, more, failures) =>
    {
        var (least, most) = (TimeSpan.FromMilliseconds(10 + shortest), TimeSpan.FromMilliseconds(10 + shortest + (more * 100L)));
        var pause = new RetryPauses(least, most, Random.Shared.NextDouble).After(failures, null);
        return pause >= least && pause <= most * 1.5;
    }).Check(Fuzzing.Cases(100));
}
