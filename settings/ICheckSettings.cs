namespace Monitoring.Settings;

/// <summary>A settings class with rules that span several of its settings.</summary>
public interface ICheckSettings
{
    /// <summary>Every broken rule; keys are relative to this class, in the file's notation (<c>fast_interval</c>).</summary>
    IEnumerable<(string Key, string Expected)> Check();
}
