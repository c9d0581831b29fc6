using FluentAssertions;
using Monitoring.Elasticsearch.Connection;
using Xunit;

namespace Monitoring.Tests.Elasticsearch.Connection;

public sealed class ElasticsearchConnectionSettingsTests
{
    [Fact]
    public void The_defaults_and_usual_settings_are_right()
    {
        new ElasticsearchConnectionSettings().Check().Should().BeEmpty();
        new ElasticsearchConnectionSettings { Urls = [new Uri("https://a:9200/es")], ApiKey = "aWQ6a2V5" }.Check().Should().BeEmpty();
        new ElasticsearchConnectionSettings { User = "gpu", Password = "secret" }.Check().Should().BeEmpty();
    }

    [Fact]
    public void All_mistakes_are_told_at_once()
    {
        var settings = new ElasticsearchConnectionSettings
        {
            Urls = [new Uri("tcp://a:9200")], ApiKey = "no base64!", User = "a:b", CaFile = "/nowhere/ca.pem", ClientKeyFile = "/nowhere/key.pem",
            RetryPause = TimeSpan.FromSeconds(5), RetryPauseMax = TimeSpan.FromSeconds(1),
        };
        settings.Check().Select(static fault => fault.Key).Should().BeEquivalentTo("urls", "api_key", "api_key", "user", "client_certificate_file", "ca_file", "retry_pause_max");
        settings.Check().Should().Contain(static fault => fault.Key == "ca_file" && fault.Expected.Contains("/nowhere/ca.pem", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("https://user:secret@a:9200")]
    [InlineData("https://a:9200/?pretty")]
    public void An_address_holds_no_credentials_and_no_query(string url) => new ElasticsearchConnectionSettings { Urls = [new Uri(url)] }.Check().Should().ContainSingle().Which.Key.Should().Be("urls");

    [Theory]
    [InlineData("id:key")]
    [InlineData("bm9jb2xvbg==")]
    public void An_API_key_has_the_form_that_is_shown(string key) => new ElasticsearchConnectionSettings { ApiKey = key }.Check().Should().ContainSingle().Which.Expected.Should().Contain("base64 of id:key");

    [Fact]
    public void A_password_without_a_user_is_told() => new ElasticsearchConnectionSettings { Password = "x" }.Check().Should().ContainSingle().Which.Key.Should().Be("user");

    [Fact]
    public void A_file_without_a_certificate_is_told()
    {
        var path = Path.GetTempFileName();
        try
        {
            new ElasticsearchConnectionSettings { CaFile = path }.Check().Should().ContainSingle().Which.Expected.Should().Contain("there is no certificate in it");
            new ElasticsearchConnectionSettings { ClientCertificateFile = path, ClientKeyFile = "/nowhere" }.Check().Should().ContainSingle().Which.Key.Should().Be("client_key_file");
        }
        finally
        {
            File.Delete(path);
        }
    }
}
