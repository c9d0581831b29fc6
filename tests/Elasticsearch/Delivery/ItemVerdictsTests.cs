using FluentAssertions;
using Monitoring.Elasticsearch.Connection;
using Monitoring.Elasticsearch.Delivery;
using Xunit;

namespace Monitoring.Tests.Elasticsearch.Delivery;

/// <summary>Where one status means several things.</summary>
public sealed class ItemVerdictsTests
{
    [Theory]
    [InlineData("Validation Failed: 1: this action would add [2] total shards, but this cluster currently has [1000]/[1000] maximum shards open;")]
    [InlineData("Validation Failed: 1: this action would add [2] shards, but this cluster currently has [1000]/[1000] maximum normal shards open;")]
    public void A_cluster_that_takes_no_more_shards_is_no_fault_of_the_document(string reason) => Of(400, "validation_exception", reason).Should().Be(ItemVerdict.Blocked);

    [Theory]
    [InlineData(400, "validation_exception", "Validation Failed: 1: type is missing;")]
    [InlineData(400, "illegal_argument_exception", "maximum shards open")]
    [InlineData(404, "index_not_found_exception", "no such index [x]")]
    public void What_is_wrong_with_the_document_or_its_index_is_for_good(int status, string type, string reason) => Of(status, type, reason).Should().Be(ItemVerdict.Refused);

    private static ItemVerdict Of(int status, string type, string reason) => ItemVerdicts.Of(new BulkItem(status, false, new ServerError(type, reason)));
}
