/// Settings of OpenSSH's client that change nothing about the way to a host that Drover has to know: it does them anyway, never
/// does them, or leaves them to `ssh` where that connects. Whatever is not among them, such as what a newer OpenSSH has,
/// `ssh -G` is asked about.
enum HarmlessSettings {
    /// Their names, in small letters.
    static let names = Set(
        """
        addkeystoagent batchmode casignaturealgorithms challengeresponseauthentication channeltimeout checkhostip cipher
        ciphers clearallforwardings compression compressionlevel connectionattempts controlmaster controlpath controlpersist
        dynamicforward enableescapecommandline enablesshkeysign escapechar exitonforwardfailure fingerprinthash
        forkafterauthentication forwardagent forwardx11 forwardx11timeout forwardx11trusted gatewayports
        gssapiauthentication gssapiclientidentity gssapidelegatecredentials gssapikexalgorithms gssapikeyexchange
        gssapirenewalforcesrekey gssapiserveridentity gssapitrustdns hashknownhosts hostbasedacceptedalgorithms
        hostbasedkeytypes hostkeyalgorithms identitiesonly ignoreunknown ipqos kbdinteractiveauthentication
        kbdinteractivedevices kexalgorithms localcommand localforward loglevel logverbose macs
        canonicaldomains canonicalizefallbacklocal canonicalizemaxdots canonicalizepermittedcnames
        nohostauthenticationforlocalhost numberofpasswordprompts obscurekeystroketiming passwordauthentication
        permitlocalcommand permitremoteopen preferredauthentications protocol proxyusefdpass pubkeyacceptedalgorithms
        pubkeyacceptedkeytypes pubkeyauthentication rekeylimit remotecommand remoteforward requesttty requiredrsasize
        securitykeyprovider sendenv serveralivecountmax serveraliveinterval sessiontype setenv stdinnull
        streamlocalbindmask streamlocalbindunlink syslogfacility tag tcpkeepalive tunnel tunneldevice updatehostkeys
        usekeychain verifyhostkeydns versionaddendum visualhostkey warnweakcrypto xauthlocation
        """.split(whereSeparator: \.isWhitespace).map(String.init))
}
