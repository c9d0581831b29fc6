using System.Text.Json.Nodes;
using FluentAssertions;
using Monitoring.Contracts.Captures;
using Xunit;

namespace Monitoring.Tests.Collector.Search.Documents;

public sealed class CaptureDocumentTests
{
    [Theory]
    [InlineData(TriggerKinds.Rule, false)]
    [InlineData(TriggerKinds.Person, true)]
    [InlineData(null, true)]
    public void A_control_names_a_user_where_what_it_is_the_control_of_may_be_of_a_person(string? origin, bool isPerson)
    {
        var manifest = SomeManifests.OfRule with { Request = SomeManifests.OfRule.Request with { Trigger = new CaptureTrigger(TriggerKinds.Control, "GpuHot", Origin: origin) } };

        var document = JsonNode.Parse(GoldenDocuments.Json(GoldenDocuments.Of(manifest, [], GoldenDocuments.OpenPrivacy, GoldenDocuments.Places)))!;

        document["related"]!["user"]!.AsArray().Select(static user => user!.ToString()).Contains("GpuHot").Should().Be(isPerson);
        document["gpu"]!["capture"]!["trigger"]!["name"]!.ToString().Should().Be("GpuHot");
    }
}
