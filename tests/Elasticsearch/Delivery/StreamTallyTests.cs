using FluentAssertions;
using Monitoring.Elasticsearch.Delivery;
using Monitoring.Elasticsearch.Documents;
using Xunit;

namespace Monitoring.Tests.Elasticsearch.Delivery;

public sealed class StreamTallyTests
{
    [Fact]
    public void What_the_source_cannot_read_is_told_while_requests_are_taken()
    {
        using var source = new TroubledSource();
        var tally = new StreamTally(source);
        tally.Trouble.Should().BeNull();

        source.Trouble = "1 capture cannot be read";
        tally.Trouble.Should().Be("1 capture cannot be read");
        tally.Fails("no server answers");
        tally.Trouble.Should().Be("no server answers");
        tally.Works();
        tally.Trouble.Should().Be("1 capture cannot be read");
    }

    private sealed class TroubledSource : IDocumentSource, ISourceTrouble
    {
        public string Name => "capture";

        public long Waiting => 0;

        public string? Trouble { get; set; }

        public ValueTask WaitAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public bool Read(List<SourceDocument> into, int limit, long bytes) => false;

        public void Settle(SourceDocument document)
        {
        }

        public void Commit()
        {
        }

        public void Dispose()
        {
        }
    }
}
