using System.Text.Json.Nodes;
using FluentAssertions;
using Monitoring.Collector.Search.Documents;
using Monitoring.Collector.Search.Privacy;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Commands;
using Xunit;

namespace Monitoring.Tests.Collector.Search.Documents;

public sealed class AuditDocumentTests
{
    [Theory]
    [InlineData(AuditActions.Alert, TriggerKinds.Alert, false)]
    [InlineData(AuditActions.Schedule, TriggerKinds.Schedule, false)]
    [InlineData(AuditActions.Lease, TriggerKinds.Rule, false)]
    [InlineData(AuditActions.Control, TriggerKinds.Rule, false)]
    [InlineData(AuditActions.Control, TriggerKinds.Alert, false)]
    [InlineData(AuditActions.Control, TriggerKinds.Person, true)]
    [InlineData(AuditActions.Control, TriggerKinds.Control, true)]
    [InlineData(AuditActions.Request, TriggerKinds.Person, true)]
    [InlineData(AuditActions.Alert, null, false)]
    [InlineData(AuditActions.Control, null, true)]
    [InlineData(AuditActions.Pin, null, true)]
    public void Who_asked_is_a_user_where_it_may_be_a_person_and_stays_readable_where_it_is_none(string action, string? trigger, bool isPerson)
    {
        var entry = new AuditEntry(SomeRecords.Start, action, AuditOutcomes.Refused, "GpuHot", Words: "refused: cooldown", Trigger: trigger);

        var open = Document(entry, GoldenDocuments.OpenPrivacy);
        (open["user"]?["name"]?.ToString()).Should().Be(isPerson ? "GpuHot" : null);
        (open["related"]?["user"]?.AsArray().Count ?? 0).Should().Be(isPerson ? 1 : 0);
        var dropped = Document(entry, new DocumentPrivacy(new PrivacySettings { Users = PrivacyTreatment.Drop }, null));
        (dropped["gpu"]?["audit"]?["by"]?.ToString() == "GpuHot").Should().Be(!isPerson);
        dropped["message"]!.ToString().Contains("GpuHot", StringComparison.Ordinal).Should().Be(!isPerson);
    }

    private static JsonNode Document(AuditEntry entry, DocumentPrivacy privacy) => JsonNode.Parse(GoldenDocuments.Json(AuditDocument.Of(1, entry, GoldenDocuments.Places, privacy)))!;
}
