using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Monitoring.Tests.Dashboards.Kibana;

public sealed class KqlQueryTests
{
    [Theory]
    [InlineData("", """{"match_all":{}}""")]
    [InlineData("a.b: c", """{"match":{"a.b":"c"}}""")]
    [InlineData("a: *", """{"exists":{"field":"a"}}""")]
    [InlineData("a:\"b c\"", """{"match_phrase":{"a":"b c"}}""")]
    [InlineData("a: (b or c)", """{"bool":{"should":[{"match":{"a":"b"}},{"match":{"a":"c"}}],"minimum_should_match":1}}""")]
    [InlineData("a: b and not c: d", """{"bool":{"filter":[{"match":{"a":"b"}},{"bool":{"must_not":[{"match":{"c":"d"}}]}}]}}""")]
    [InlineData("a: b or c: d and e: f", """{"bool":{"should":[{"match":{"a":"b"}},{"bool":{"filter":[{"match":{"c":"d"}},{"match":{"e":"f"}}]}}],"minimum_should_match":1}}""")]
    [InlineData("not (a: b or c: d)", """{"bool":{"must_not":[{"bool":{"should":[{"match":{"a":"b"}},{"match":{"c":"d"}}],"minimum_should_match":1}}]}}""")]
    [InlineData("order: android and note: nothing", """{"bool":{"filter":[{"match":{"order":"android"}},{"match":{"note":"nothing"}}]}}""")]
    public void A_query_is_said_in_the_servers_language(string kql, string json) => KqlQuery.Translate(kql).ToJsonString().Should().Be(json);

    [Theory]
    [InlineData("a")]
    [InlineData("a:")]
    [InlineData("a: b c: d")]
    [InlineData("a: (b or c")]
    [InlineData("(a: b")]
    [InlineData("a: \"b")]
    [InlineData("a: b*")]
    [InlineData("a > 1")]
    [InlineData("and a: b")]
    [InlineData("a: b and")]
    public void What_is_of_another_form_is_refused(string kql)
    {
        var translate = () => KqlQuery.Translate(kql);

        translate.Should().Throw<FormatException>().WithMessage("*was expected at*");
    }

    [Fact]
    public void Any_text_is_translated_or_refused() => Prop.ForAll<string>(static text =>
    {
        try
        {
            return KqlQuery.Translate(text ?? "").Count == 1;
        }
        catch (FormatException)
        {
            return true;
        }
    }).Check(Fuzzing.Cases(100));
}
