package roster

import (
	"strings"
	"unicode"
)

// language is the vocabulary of a sheet in one language. Comparison ignores case,
// spaces, punctuation, full-width forms, and remarks in parentheses, so that one
// spelling of each word is enough.
type language struct {
	// columns has the headers of each column.
	columns map[Column][]string
	// roles and licenses have the names of each role and license.
	roles, licenses map[string][]string
	// active has the values of the column active.
	active map[bool][]string
}

// The words of all languages by folded spelling. To add a language, add its tables. A
// spelling must have the same meaning in all languages that use it.
var (
	columnWords  = words(english.columns, chinese.columns)
	roleWords    = words(english.roles, chinese.roles)
	licenseWords = words(english.licenses, chinese.licenses)
	activeWords  = words(english.active, chinese.active)
)

// words returns the meaning of each folded spelling of some tables.
func words[Meaning comparable](tables ...map[Meaning][]string) map[string]Meaning {
	known := map[string]Meaning{}
	for _, table := range tables {
		for meaning, spellings := range table {
			for _, spelling := range spellings {
				known[fold(spelling)] = meaning
			}
		}
	}
	return known
}

var english = language{
	columns: map[Column][]string{
		NameColumn:        {"name", "full name", "display name", "member name", "staff name"},
		NicknameColumn:    {"nickname", "nick", "alias"},
		AgentIDColumn:     {"agent ID", "agent no", "agent number", "staff ID", "staff no", "staff number", "employee ID", "employee no", "employee number"},
		EmailColumn:       {"e-mail", "mailbox", "mail", "e-mail address", "mail address", "mailbox address"},
		RoleColumn:        {"role", "roles"},
		PhoneColumn:       {"phone", "phone no", "phone number", "telephone", "telephone number", "tel", "mobile", "mobile no", "mobile number", "mobile phone", "cell phone"},
		ExtensionColumn:   {"extension", "ext", "extension no", "extension number", "telephone extension", "phone extension"},
		SkillGroupsColumn: {"skill groups", "skill group", "skills", "groups", "group"},
		ActiveColumn:      {"active", "enabled", "is active"},

		LicenseColumn:        {"license", "licence", "licenses", "licences", "license type", "licence type", "license tier", "licence tier"}, //nolint:misspell // British spellings are accepted.
		UserProfileColumn:    {"user profile", "user profile name"},
		DesktopProfileColumn: {"desktop profile", "desktop profile name", "agent profile"},
		SiteColumn:           {"site", "site name"},
		TeamsColumn:          {"teams", "team", "team name", "team names"},
	},
	roles: map[string][]string{
		SuperAdmin: {"super admin", "super administrator"},
		DeskAdmin:  {"desk admin", "desk administrator", "admin", "administrator"},
		Supervisor: {"supervisor"},
		DeskStaff:  {"desk staff", "staff", "agent"},
	},
	licenses: map[string][]string{
		LicenseStandard: {"standard", "standard agent"},
		LicensePremium:  {"premium", "premium agent"},
		LicenseNone:     {"none", "no license", "no licence", "unlicensed"}, //nolint:misspell // British spellings are accepted.
	},
	active: map[bool][]string{
		true:  {"yes", "y", "true", "t", "1", "on", "active", "enabled", "enable"},
		false: {"no", "n", "false", "f", "0", "off", "inactive", "disabled", "disable"},
	},
}

// chinese has simplified spellings. 坐席 and 座席 are both common.
var chinese = language{
	columns: map[Column][]string{
		NameColumn:        {"姓名", "名字", "全名", "成员姓名", "坐席姓名", "座席姓名", "员工姓名"},
		NicknameColumn:    {"昵称", "坐席昵称", "座席昵称", "花名"},
		AgentIDColumn:     {"工号", "员工工号", "坐席工号", "座席工号", "员工编号", "坐席编号", "座席编号"},
		EmailColumn:       {"邮箱", "电子邮箱", "邮箱地址", "邮件", "邮件地址", "电子邮件", "电子邮件地址", "坐席邮箱", "座席邮箱"},
		RoleColumn:        {"角色", "权限角色", "成员角色"},
		PhoneColumn:       {"手机", "手机号", "手机号码", "电话", "电话号码", "联系电话", "坐席手机号", "座席手机号"},
		ExtensionColumn:   {"分机", "分机号", "分机号码", "坐席分机号", "座席分机号"},
		SkillGroupsColumn: {"技能组", "所属技能组", "技能组名称"},
		ActiveColumn:      {"启用", "是否启用", "启用状态"},

		LicenseColumn:        {"许可证", "许可", "许可证类型", "许可类型", "坐席许可证", "座席许可证"},
		UserProfileColumn:    {"用户配置文件", "用户配置", "用户简档"},
		DesktopProfileColumn: {"桌面配置文件", "桌面配置", "桌面简档"},
		SiteColumn:           {"站点", "场所", "所属站点", "站点名称"},
		TeamsColumn:          {"团队", "班组", "所属团队", "所属班组", "团队名称", "班组名称"},
	},
	roles: map[string][]string{
		SuperAdmin: {"超级管理员"},
		DeskAdmin:  {"管理员", "普通管理员", "坐席管理员", "座席管理员", "业务管理员"},
		Supervisor: {"主管", "坐席主管", "座席主管", "组长", "班长"},
		DeskStaff:  {"坐席", "座席", "普通坐席", "普通座席", "坐席人员", "座席人员", "客服", "客服人员"},
	},
	licenses: map[string][]string{
		LicenseStandard: {"标准版", "标准", "标准坐席", "标准座席", "标准版坐席", "标准版座席"},
		LicensePremium:  {"高级版", "高级", "高级坐席", "高级座席", "高级版坐席", "高级版座席"},
		LicenseNone:     {"无", "无许可", "无许可证"},
	},
	active: map[bool][]string{
		true:  {"是", "启用", "已启用", "真", "有效", "在职"},
		false: {"否", "停用", "已停用", "禁用", "已禁用", "未启用", "假", "无效", "离职"},
	},
}

// fold returns a spelling in the form used for comparison: only letters and digits, in
// lowercase and regular width, without remarks in parentheses.
func fold(spelling string) string {
	var folded strings.Builder
	depth := 0
	for _, char := range narrow(spelling) {
		switch {
		case char == '(' || char == '[' || char == '【':
			depth++
		case (char == ')' || char == ']' || char == '】') && depth > 0:
			depth--
		case depth == 0 && (unicode.IsLetter(char) || unicode.IsDigit(char)):
			folded.WriteRune(unicode.ToLower(char))
		}
	}
	return folded.String()
}
