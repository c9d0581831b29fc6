using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Collector.Search;
using Monitoring.Collector.Search.Documents;
using Xunit;

namespace Monitoring.Tests.Collector.Search.Documents;

public sealed class DocumentPlacesTests
{
    private static readonly DocumentPlaces Places = new("lab");

    [Fact]
    public void The_index_follows_from_the_time_in_UTC_by_month_and_for_logs_by_day()
    {
        var time = new DateTimeOffset(2026, 12, 1, 0, 30, 0, TimeSpan.FromHours(1));

        Places.Index(SearchStream.Event, time).Should().Be("logs-gpu.event-lab-2026.11.01-000001");
        Places.Index(SearchStream.Agent, time).Should().Be("logs-gpu.agent-lab-2026.11.30-000001");
    }

    [Fact]
    public void The_day_in_a_name_is_read_as_it_was_written() => Prop.ForAll(
        Gen.Choose(0, 3_000_000).Select(static day => DateOnly.MinValue.AddDays(day)).Where(static day => day.Year < 9999).ToArbitrary(),
        static day => SearchStream.All.All(stream =>
        {
            var index = Places.Index(stream, new DateTimeOffset(day.ToDateTime(TimeOnly.MaxValue), TimeSpan.Zero));
            return Places.DayOf(stream, index) == (stream.IsDaily ? day : new DateOnly(day.Year, day.Month, 1));
        })).Check(Fuzzing.Cases(100));

    [Theory]
    [InlineData("logs-gpu.event-lab-2026.11.01-000002")]
    public void An_index_that_was_rolled_over_by_hand_has_the_same_day(string index) => Places.DayOf(SearchStream.Event, index).Should().Be(new DateOnly(2026, 11, 1));

    [Theory]
    [InlineData("logs-gpu.event-laboratory-2026.11.01-000001")]
    [InlineData("logs-gpu.event-lab-2026.13.01-000001")]
    [InlineData("logs-gpu.event-lab-2026.11.01")]
    [InlineData("logs-gpu.event-lab-2026.11.01-reindexed")]
    [InlineData("logs-gpu.event-lab-")]
    [InlineData("somebody-elses-2026.11.01-000001")]
    public void What_is_named_otherwise_has_no_day_and_is_never_deleted(string index) => Places.DayOf(SearchStream.Event, index).Should().BeNull();

    [Theory]
    [InlineData("default", true)]
    [InlineData("site_2", true)]
    [InlineData("Site", false)]
    [InlineData("a-b", false)]
    [InlineData("a*", false)]
    [InlineData("", false)]
    [InlineData("_a", false)]
    public void A_namespace_can_be_part_of_a_name(string name, bool isOne) => new ElasticsearchSettings { Namespace = name }.Check().Any().Should().Be(!isOne);
}
