using FluentAssertions;
using Monitoring.Collector.Search.Documents;
using Monitoring.Contracts.Commands;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.Collector.Search.Documents;

public sealed class GoldenDocumentsTests
{
    private const string Folder = "Collector/Search";

    [Fact]
    public void Documents_are_as_the_golden_files_show_them()
    {
        foreach (var (name, _, document) in GoldenDocuments.All(GoldenDocuments.OpenPrivacy)) GoldenFile.Check($"{Folder}/{name}.json", GoldenDocuments.Text(document));
    }

    [Fact]
    public void Every_kind_of_event_and_every_action_of_the_audit_has_one()
    {
        SomeRecords.Events.Select(static one => one.Record.Kind).Should().Contain(EventKinds.All);
        SomeRecords.Audit.Select(static one => one.Entry.Action).Should().Contain(AuditActions.All);
    }

    [Fact]
    public void The_same_record_gives_the_same_bytes() =>
        GoldenDocuments.All(GoldenDocuments.OpenPrivacy).Select(static one => GoldenDocuments.Json(one.Document))
            .Should().Equal(GoldenDocuments.All(GoldenDocuments.OpenPrivacy).Select(static one => GoldenDocuments.Json(one.Document)));

    [Fact]
    public void Every_field_of_a_document_stands_in_the_table_for_its_stream()
    {
        foreach (var (name, stream, document) in GoldenDocuments.All(GoldenDocuments.OpenPrivacy))
            GoldenDocuments.FieldsOf(document).Should().BeSubsetOf(DocumentFields.Of(stream).Select(static field => field.Name), $"{name} is of the stream {stream.Name}");
    }

    [Fact]
    public void Every_field_of_the_table_is_in_a_document_of_each_stream_that_it_names()
    {
        foreach (var stream in (SearchStream[])[SearchStream.Event, SearchStream.Capture, SearchStream.Audit])
        {
            var written = GoldenDocuments.All(GoldenDocuments.OpenPrivacy).Where(one => one.Stream == stream).SelectMany(static one => GoldenDocuments.FieldsOf(one.Document)).ToHashSet();

            DocumentFields.Of(stream).Select(static field => field.Name).Where(name => !written.Contains(name)).Should().BeEmpty($"documents of {stream.Name} are to show every field that the documentation lists for them");
        }
    }

    [Fact]
    public async Task The_Elastic_Common_Schema_accepts_every_field_of_every_document()
    {
        var node = Requirement.Program("node");
        var packages = Requirement.TestNode();
        var files = Directory.GetFiles(RepositoryRoot.Combine("tests", "Golden", "Collector", "Search"), "*.json").Where(static file => !Path.GetFileName(file).StartsWith("templates", StringComparison.Ordinal)).ToArray();
        files.Length.Should().BeGreaterThanOrEqualTo(EventKinds.All.Count);

        var (exitCode, output) = await ChildProcess.RunAsync(node, [RepositoryRoot.Combine("tests", "Node", "check-ecs.mjs"), packages, .. files]);

        exitCode.Should().Be(0, output);
        output.Should().Contain($"{files.Length} documents, 0 offences");
    }

    [Fact]
    public async Task The_check_finds_what_the_schema_does_not_have()
    {
        var node = Requirement.Program("node");
        var packages = Requirement.TestNode();
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, """
                {"@timestamp":"2026-01-01T00:00:00Z","message":"x","ecs":{"version":"9.4.0"},"event":{"kind":"accident","category":["host"],"type":["installation"],"colour":"red"},"host":{"name":["a","b"]},"process":{"pid":"7"},"gpu":{"anything":1}}

                """);

            var (exitCode, output) = await ChildProcess.RunAsync(node, [RepositoryRoot.Combine("tests", "Node", "check-ecs.mjs"), packages, file]);

            exitCode.Should().Be(1);
            output.Should().Contain("event.kind is 'accident'").And.Contain("event.colour is no field").And.Contain("host.name is a list").And.Contain("process.pid is \"7\"").And.Contain("fits none of the").And.NotContain("anything");
        }
        finally
        {
            File.Delete(file);
        }
    }
}
