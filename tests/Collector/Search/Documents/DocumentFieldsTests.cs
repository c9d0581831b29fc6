using FluentAssertions;
using Monitoring.Collector.Search.Documents;
using Xunit;

namespace Monitoring.Tests.Collector.Search.Documents;

public sealed class DocumentFieldsTests
{
    [Fact]
    public void The_document_of_the_fields_is_up_to_date()
    {
        var path = RepositoryRoot.Combine("docs", "elasticsearch-fields.md");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1" && !ContinuousIntegration.IsOn) File.WriteAllText(path, FieldsDocument.Markdown());
        File.ReadAllText(path).Should().Be(FieldsDocument.Markdown(), "docs/elasticsearch-fields.md is written from DocumentFields; UPDATE_GOLDEN=1 renews it");
    }

    [Fact]
    public void No_field_stands_twice_in_the_table() => DocumentFields.All.Select(static field => field.Name).Should().OnlyHaveUniqueItems();

    [Fact]
    public void No_field_is_a_value_and_an_object_at_once()
    {
        var names = DocumentFields.All.Select(static field => field.Name).ToList();

        names.Where(name => names.Any(other => other.StartsWith(name + ".", StringComparison.Ordinal))).Should().BeEmpty();
    }

    [Fact]
    public void Every_field_belongs_to_a_stream_and_says_what_it_is() =>
        DocumentFields.All.Should().OnlyContain(static field => field.Streams != StreamSet.None && field.Meaning.Length > 0);
}
